#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cold parts: what the compiler has moved out of foo() to foo.cold. A task that
# sleeps in something called from there has no address of foo() itself on its
# stack, and is in it all the same.

. "$(dirname "$0")/klp.sh"

COLD=test_klp_park:klp_park_cold
KTHREAD=test_klp_park:klp_park_kthread
TWIN=test_klp_park:klp_park_twin

# only_part_of FUNCTION: of FUNCTION the reader has its cold part on the stack, and
# nothing else.
only_part_of() {
	local stack

	stack=$(value "/proc/$READER/stack")
	[[ $stack = *" $1.cold+"* && $stack != *" $1+"* ]]
}

# park_in_part FILE FUNCTION: a reader is parked in the cold part of FUNCTION. If
# the compiler has not made one, nothing can be shown here. Who is parked counts
# as such a little before it sleeps, and until then there is no stack to be seen.
park_in_part() {
	park_reader "$1"
	wait_until only_part_of "$2"
}

leave() {
	release
	wait "$READER" || fail "the reader failed: $(< "$KLP_TMP/read")"
	expect "$KLP_TMP/read" "$1"
}

enabling() {
	load test_klp_park
	park_in_part cold klp_park_cold
	load test_klp_patch_a funcs="$COLD"
	expect_waits test_klp_patch_a 1 "$READER"
	leave original
	wait_until transition_done test_klp_patch_a
	expect "$KLP_PARK/cold" a
}

disabling() {
	load test_klp_park
	enable test_klp_patch_a funcs="$COLD"
	park_in_part cold new_cold
	write 0 "$KLP_SYSFS/test_klp_patch_a/enabled"
	expect_waits test_klp_patch_a 0 "$READER"
	leave a
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	unload test_klp_patch_a
	expect "$KLP_PARK/cold" original
}

stacking() {
	load test_klp_park
	enable test_klp_patch_a funcs="$COLD"
	park_in_part cold new_cold
	load test_klp_patch_b funcs="$COLD"
	expect_waits test_klp_patch_b 1 "$READER"
	leave a
	wait_until transition_done test_klp_patch_b
	expect "$KLP_PARK/cold" b
}

# replacing VERSION FUNCTION: by a livepatch of FUNCTION, and then VERSION answers.
replacing() {
	load test_klp_park
	load test_klp_target
	enable test_klp_patch_a funcs="$COLD"
	park_in_part cold new_cold
	load test_klp_patch_b funcs="$2" replace=1
	expect_waits test_klp_patch_b 1 "$READER"
	leave a
	wait_until transition_done test_klp_patch_b
	unload test_klp_patch_a
	expect "$KLP_PARK/cold" "$1"
}

replacing_by_new() {
	replacing b "$COLD"
}

replacing_by_original() {
	replacing original test_klp_target:klp_target_value
}

# Who has switched is the one to wait for when the transition turns round.
reversing() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$COLD,$KTHREAD"
	wait_until is /proc/$$/patch_state 1
	park_in_part cold new_cold
	write 0 "$KLP_SYSFS/test_klp_patch_a/enabled"
	expect_waits test_klp_patch_a 0 "$READER"
	leave a
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
}

# Then it is the original code that is being left.
reversing_a_replacement() {
	load test_klp_park
	load test_klp_target
	enable test_klp_patch_a funcs="$COLD,$KTHREAD"
	park_kthreads 1
	load test_klp_patch_b funcs=test_klp_target:klp_target_value replace=1
	wait_until is /proc/$$/patch_state 1
	park_in_part cold klp_park_cold
	write 0 "$KLP_SYSFS/test_klp_patch_b/enabled"
	expect_waits test_klp_patch_b 0 "$READER"
	leave original
	wait_until gone "$KLP_SYSFS/test_klp_patch_b"
	expect "$KLP_PARK/cold" a
}

target_comes_later() {
	enable test_klp_patch_a funcs="$COLD"
	load test_klp_park
	park_in_part cold new_cold
	write 0 "$KLP_SYSFS/test_klp_patch_a/enabled"
	expect_waits test_klp_patch_a 0 "$READER"
	leave a
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
}

# twin NUMBER: nothing tells whose part is whose, so both belong to either.
twin() {
	load test_klp_park
	expect_equal "cold parts of that name" 2 "$(grep -c ' klp_park_twin\.cold\s' /proc/kallsyms)"
	park_in_part "twin$1" klp_park_twin
	load test_klp_patch_a funcs="$TWIN@$1"
	expect_waits test_klp_patch_a 1 "$READER"
	leave original
	wait_until transition_done test_klp_patch_a
	expect "$KLP_PARK/twin$1" a
	expect "$KLP_PARK/twin$((3 - $1))" original
}

first_twin() {
	twin 1
}

second_twin() {
	twin 2
}

# looked_for FUNCTION: it, or a part of it, is only looked for. Nobody redirects it.
looked_for() {
	load test_klp_park
	park_in_part cold klp_park_cold
	load test_klp_patch_a funcs="test_klp_park:%$1"
	expect_waits test_klp_patch_a 1 "$READER"
	leave original
	wait_until transition_done test_klp_patch_a
	expect "$KLP_PARK/cold" original
}

# There GCC leaves functions whole, also what is marked as cold.
[ "$(uname -m)" != ppc64le ] || skip_all "the compiler makes no cold parts for ppc64le"

klp_run \
	"enabling waits for a task in an old cold part" enabling \
	"disabling waits for a task in a new cold part" disabling \
	"a livepatch on top waits for a task in the cold part below" stacking \
	"replacing waits for a task in a replaced cold part" replacing_by_new \
	"giving back waits for a task in a replaced cold part" replacing_by_original \
	"reversing waits for a task in a new cold part" reversing \
	"reversing a replacement waits for a task in an original cold part" reversing_a_replacement \
	"the target comes later" target_comes_later \
	"the first of two functions and cold parts of a name" first_twin \
	"the second of two functions and cold parts of a name" second_twin \
	"the cold part of a function that is only looked for" "looked_for klp_park_cold" \
	"a cold part that is only looked for" "looked_for klp_park_cold.cold"
