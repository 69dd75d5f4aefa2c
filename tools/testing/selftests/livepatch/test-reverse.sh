#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Turning a transition round while it runs, in both directions and repeatedly.

. "$(dirname "$0")/klp.sh"

FUNCS=test_klp_park:klp_park_kthread,test_klp_park:klp_park_killable
FUNCS+=,test_klp_target:klp_target_value
PATCH=$KLP_SYSFS/test_klp_patch_a

# begin_patching: leaves a transition that a parked kthread holds up.
begin_patching() {
	load test_klp_target
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$FUNCS" callbacks=1
	expect "$PATCH/transition" 1
	expect "$PATCH/enabled" 1
}

# begin_unpatching: the same on the way back; the kthread sleeps in new code.
begin_unpatching() {
	load test_klp_target
	load test_klp_park
	enable test_klp_patch_a funcs="$FUNCS" callbacks=1
	park_kthreads 1
	write 0 "$PATCH/enabled"
	expect "$PATCH/transition" 1
	expect "$PATCH/enabled" 0
}

calls() {
	cut -d' ' -f1 /sys/module/test_klp_patch_a/parameters/calls | sort | uniq -c |
		sed 's/^ *//' | tr '\n' ','
}

# The kthread need not move: it has always been where reversing takes it.
reverse_patching() {
	begin_patching
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"
	expect_target value original
	parked 1 || fail "the kthread was disturbed"
	expect_equal "callbacks" "2 post_unpatch,2 pre_patch," "$(calls)"
	unload test_klp_patch_a
	release
	expect "$KLP_PARK/kthread" original
}

reverse_unpatching() {
	begin_unpatching
	write 1 "$PATCH/enabled"
	wait_until transition_done test_klp_patch_a
	expect "$PATCH/enabled" 1
	expect_target value a
	parked 1 || fail "the kthread was disturbed"
	release
	expect "$KLP_PARK/kthread" a
}

# Held up in both directions: the kthread sleeps in old code, and a process that
# has already switched sleeps in new code.
reverse_again_and_again() {
	local i

	begin_patching
	wait_until is /proc/$$/patch_state 1
	park_reader killable
	for ((i = 0; i < 10 * KLP_STRESS; i++)); do
		write 0 "$PATCH/enabled"
		expect "$PATCH/transition" 1
		expect "$PATCH/enabled" 0
		write 1 "$PATCH/enabled"
		expect "$PATCH/transition" 1
		expect "$PATCH/enabled" 1
	done
	release
	wait "$READER" || fail "the reader failed: $(< "$KLP_TMP/read")"
	expect "$KLP_TMP/read" a
	expect "$KLP_PARK/kthread" original
	wait_until transition_done test_klp_patch_a
	expect_target value a
}

# Reversing to what the transition does already is not reversing.
reverse_to_the_same() {
	begin_patching
	write_refused EINVAL 1 "$PATCH/enabled"
	expect "$PATCH/transition" 1
	release
	wait_until transition_done test_klp_patch_a
	expect_target value a
}

# Another livepatch has to wait until the transition is over.
others_wait() {
	begin_patching
	load_refused EBUSY test_klp_patch_b funcs=test_klp_target:klp_target_other
	gone "$KLP_SYSFS/test_klp_patch_b" || fail "test_klp_patch_b left a directory"
	release
	wait_until transition_done test_klp_patch_a
	enable test_klp_patch_b funcs=test_klp_target:klp_target_other
	expect_target other b
}

# A livepatch that replaces others must not take those for older that came after it.
reverse_a_replacement() {
	load test_klp_target
	load test_klp_park
	enable test_klp_patch_a replace=1 funcs="$FUNCS"
	enable test_klp_patch_b funcs=test_klp_target:klp_target_other
	park_kthreads 1
	write 0 "$PATCH/enabled"
	expect "$PATCH/transition" 1
	write 1 "$PATCH/enabled"
	wait_until transition_done test_klp_patch_a
	expect "$PATCH/enabled" 1
	expect "$KLP_SYSFS/test_klp_patch_b/enabled" 1
	expect_target value a
	expect_target other b
	release
}

# Who was asked to switch, and has not when the transition is turned back, is not asked any
# more: on its way to user space it would switch before the next transition has begun.
asked_no_more() {
	local reader loading parameters=/sys/module/test_klp_patch_b/parameters

	load test_klp_park
	(
		trap - ERR EXIT
		slurp "$KLP_PARK/killable"
		exec sleep 1000
	) &
	reader=$!
	wait_until parked 1
	load test_klp_patch_a funcs=test_klp_park:klp_park_killable
	expect_waits test_klp_patch_a 1 "$reader"
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"

	load_aside test_klp_patch_b funcs=cmdline_proc_show callbacks=1 pause=1
	loading=$!
	defer release_held "$parameters/pause"
	wait_until is "$parameters/calls" "pre_patch vmlinux -"
	release
	wait_until is "/proc/$reader/comm" sleep
	expect "/proc/$reader/patch_state" 0
	write 0 "$parameters/pause"
	wait "$loading"
	wait_until transition_done test_klp_patch_b
}

klp_run \
	"a patching transition is reversed" reverse_patching \
	"an unpatching transition is reversed" reverse_unpatching \
	"a transition is reversed again and again" reverse_again_and_again \
	"writing the state that is already aimed at is refused" reverse_to_the_same \
	"disabling a replacement is reversed, a later livepatch stays" reverse_a_replacement \
	"a second transition is refused while one runs" others_wait \
	"a task is not asked any more when a transition has been turned back" asked_no_more
