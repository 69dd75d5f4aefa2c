#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Functions that are only looked for on stacks: old_name when a livepatch takes
# effect, new_name when it does so no longer, and the other way round for those
# that it replaces. See test_klp_patch.h for how they are written: %OLD/NEW.
#
# A task in klp_park_callback(), or in a livepatch's new_callback(), is in no
# function that is redirected: it was called through a pointer.

. "$(dirname "$0")/klp.sh"

OLD=test_klp_park:%klp_park_callback
NEW=test_klp_park:%/new_callback
BOTH=test_klp_park:%klp_park_callback/new_callback
REGISTER=test_klp_park:klp_park_register
KTHREAD=test_klp_park:klp_park_kthread
VALUE=test_klp_target:klp_target_value
OTHER=test_klp_target:klp_target_other
PATCH=$KLP_SYSFS/test_klp_patch_a

# use_callback VERSION: from here on readers of `callback` are in that one's.
use_callback() {
	expect "$KLP_PARK/register" "$1"
}

leave() {
	release
	wait "$READER" || fail "the reader failed: $(< "$KLP_TMP/read")"
	expect "$KLP_TMP/read" "$1"
}

# still_parked COMMAND...: it does not wait for the reader.
still_parked() {
	"$@"
	parked 1 || fail "the reader was disturbed"
}

only() {
	[ "$(echo "$KLP_SYSFS"/test_klp_*)" = "$KLP_SYSFS/$1" ]
}

expect_functions() {
	expect_equal "functions of $1" "$2" \
		"$(cd "$KLP_SYSFS/$1" && find . -name '*,[0-9]*' | sort | paste -sd" ")"
}

old_side() {
	load test_klp_park
	park_reader callback
	load test_klp_patch_a funcs="$BOTH"
	expect_waits test_klp_patch_a 1 "$READER"
	leave original
	wait_until transition_done test_klp_patch_a
	expect "$KLP_PARK/callback" original
	remove test_klp_patch_a
}

new_side() {
	load test_klp_park
	enable test_klp_patch_a funcs="$REGISTER,$BOTH"
	use_callback a
	park_reader callback
	write 0 "$PATCH/enabled"
	expect_waits test_klp_patch_a 0 "$READER"
	leave a
	wait_until gone "$PATCH"
	unload test_klp_patch_a
	use_callback original
	expect "$KLP_PARK/callback" original
}

# Who is where the transition leads is in nobody's way.
not_the_other_side() {
	load test_klp_park
	park_reader callback
	still_parked enable test_klp_patch_a funcs="$NEW"
	still_parked remove test_klp_patch_a
	leave original
	write 1 "$KLP_PARK/hold"
	enable test_klp_patch_a funcs="$OLD"
	park_reader callback
	still_parked remove test_klp_patch_a
	leave original
}

of_vmlinux() {
	local sleeper

	sleep 1000 &
	sleeper=$!
	wait_until grep -q ' hrtimer_nanosleep+' "/proc/$sleeper/stack"
	load test_klp_patch_a funcs="%hrtimer_nanosleep"
	expect_waits test_klp_patch_a 1 "$sleeper"
	kill "$sleeper"
	wait_until transition_done test_klp_patch_a
	expect_functions test_klp_patch_a "./vmlinux/hrtimer_nanosleep,1"
}

reversed_enabling() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$KTHREAD,$REGISTER,$BOTH"
	wait_until is /proc/$$/patch_state 1
	use_callback a
	park_reader callback
	write 0 "$PATCH/enabled"
	expect_waits test_klp_patch_a 0 "$READER"
	leave a
	wait_until gone "$PATCH"
}

reversed_disabling() {
	load test_klp_park
	enable test_klp_patch_a funcs="$KTHREAD,$BOTH"
	park_kthreads 1
	write 0 "$PATCH/enabled"
	wait_until is /proc/$$/patch_state 0
	park_reader callback
	write 1 "$PATCH/enabled"
	expect_waits test_klp_patch_a 1 "$READER"
	leave original
	wait_until transition_done test_klp_patch_a
	expect "$PATCH/enabled" 1
}

replaced_new_side() {
	load test_klp_park
	enable test_klp_patch_a funcs="$REGISTER,$BOTH"
	use_callback a
	park_reader callback
	load test_klp_patch_b funcs="$VALUE" replace=1
	expect_waits test_klp_patch_b 1 "$READER"
	leave a
	wait_until only test_klp_patch_b
	unload test_klp_patch_a
}

# Not that of a livepatch on top, which leaves the one below in force.
stacked_new_side() {
	load test_klp_park
	enable test_klp_patch_a funcs="$REGISTER,$BOTH"
	use_callback a
	park_reader callback
	still_parked enable test_klp_patch_b funcs="$VALUE"
	still_parked remove test_klp_patch_b
	leave a
}

replacing_old_side() {
	load test_klp_park
	enable test_klp_patch_a funcs="$VALUE"
	park_reader callback
	load test_klp_patch_b funcs="$BOTH" replace=1
	expect_waits test_klp_patch_b 1 "$READER"
	leave original
	wait_until only test_klp_patch_b
}

# begin_replacing FUNCS_OF_A FUNCS_OF_B: a parked kthread holds it up.
begin_replacing() {
	enable test_klp_patch_a funcs="$KTHREAD,$1"
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_b funcs="$2" replace=1
	wait_until is /proc/$$/patch_state 1
}

# end_reversing VERSION: the reader is waited for on the way back to a.
end_reversing() {
	park_reader callback
	write 0 "$KLP_SYSFS/test_klp_patch_b/enabled"
	expect_waits test_klp_patch_b 0 "$READER"
	leave "$1"
	wait_until only test_klp_patch_a
	expect "$PATCH/enabled" 1
}

reversed_new_side() {
	begin_replacing "$VALUE" "$REGISTER,$BOTH"
	use_callback b
	end_reversing b
}

reversed_old_side() {
	begin_replacing "$BOTH" "$VALUE"
	end_reversing original
}

# What was looked for in a target that has gone is looked for where it is now.
reversed_after_reload() {
	load test_klp_target
	begin_replacing "test_klp_target:%klp_target_value/new_callback" "$OTHER"
	unload test_klp_target
	load test_klp_target
	write 0 "$KLP_SYSFS/test_klp_patch_b/enabled"
	wait_until only test_klp_patch_a
}

later_target() {
	enable test_klp_patch_a funcs="$REGISTER,$BOTH"
	expect_functions test_klp_patch_a \
		"./test_klp_park/klp_park_callback,1 ./test_klp_park/klp_park_register,1"
	expect "$PATCH/test_klp_park/patched" 0
	load test_klp_park
	unload test_klp_park
	load test_klp_park
	expect "$PATCH/test_klp_park/patched" 1
	use_callback a
	park_reader callback
	write 0 "$PATCH/enabled"
	expect_waits test_klp_patch_a 0 "$READER"
	leave a
	wait_until gone "$PATCH"
}

# unknown_later FUNCTION WORD: it is the target that is refused.
unknown_later() {
	local before

	enable test_klp_patch_a funcs="$VALUE,$1"
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused EINVAL test_klp_park
	expect_unchanged afterwards "$before"
	expect_log test_klp_patch_a "$2"
	remove test_klp_patch_a
}

unknown_old_later() {
	unknown_later test_klp_park:%klp_park_nothing klp_park_nothing
}

unknown_new_later() {
	unknown_later test_klp_park:%/new_nothing new_nothing
}

never_loaded() {
	enable test_klp_patch_a funcs="test_klp_nowhere:%nothing@7/new_nothing"
	expect_functions test_klp_patch_a "./test_klp_nowhere/nothing,7"
	remove test_klp_patch_a
}

in_sysfs() {
	load test_klp_park
	load test_klp_target
	enable test_klp_patch_a funcs="$BOTH,$NEW,test_klp_park:%klp_park_twin@2,$VALUE"
	expect_functions test_klp_patch_a "./test_klp_park/klp_park_callback,1 \
./test_klp_park/klp_park_twin,2 ./test_klp_park/new_callback,0 \
./test_klp_target/klp_target_value,1"
	expect "$PATCH/test_klp_park/patched" 1
}

# Nobody redirects it, so it need not be possible.
untraceable() {
	load test_klp_target
	enable test_klp_patch_a funcs=test_klp_target:%klp_target_untraced
	expect_target untraced original
	! grep -q ' I ' "$KLP_TRACING/enabled_functions" || fail "a function is redirected"
}

# An atomic replace has nothing to give back of what was only looked for.
no_nop() {
	begin_replacing "$VALUE,test_klp_target:%klp_target_other,$NEW" "$REGISTER"
	expect_functions test_klp_patch_b "./test_klp_park/klp_park_kthread,1 \
./test_klp_park/klp_park_register,1 ./test_klp_target/klp_target_value,1"
	release
	wait_until only test_klp_patch_b
	expect_functions test_klp_patch_b "./test_klp_park/klp_park_register,1"
}

# What was redirected, and is only looked for now, is given back.
nop_beside() {
	load test_klp_target
	begin_replacing "$VALUE,$OTHER" "test_klp_target:%klp_target_value,$OTHER"
	expect_target value original
	expect_target other b
	expect_functions test_klp_patch_b "./test_klp_park/klp_park_kthread,1 \
./test_klp_target/klp_target_other,1 ./test_klp_target/klp_target_value,1"
	release
	wait_until only test_klp_patch_b
	expect_functions test_klp_patch_b "./test_klp_target/klp_target_other,1 \
./test_klp_target/klp_target_value,1"
	expect_target value original
	! grep -q 'klp_target_value.* I ' "$KLP_TRACING/enabled_functions" ||
		fail "klp_target_value is still redirected"
}

# Calls of the old function run what an older livepatch has in its place.
replaced_before() {
	load test_klp_park
	enable test_klp_patch_a funcs="$KTHREAD"
	park_kthreads 1
	load test_klp_patch_b funcs="$VALUE,test_klp_park:%klp_park_kthread"
	expect_waits test_klp_patch_b 1 "$(kthread_pid klp_parked/0)"
	release
	wait_until transition_done test_klp_patch_b
	expect "$KLP_PARK/kthread" a
	remove test_klp_patch_b
	remove test_klp_patch_a
}

# Who comes to a function other than by a call of the original is not kept out by what
# covers it.
replacing_covered() {
	load test_klp_park
	enable test_klp_patch_a funcs="$REGISTER,test_klp_park:klp_park_callback"
	use_callback a
	enable test_klp_patch_b funcs="test_klp_park:klp_park_callback"
	park_reader callback
	load test_klp_patch_c funcs="$VALUE" replace=1
	expect_waits test_klp_patch_c 1 "$READER"
	leave a
	wait_until only test_klp_patch_c
	use_callback original
	unload test_klp_patch_b
	unload test_klp_patch_a
	expect "$KLP_PARK/callback" original
	remove test_klp_patch_c
}

klp_run \
	"enabling waits for a task in an old function" old_side \
	"disabling waits for a task in a new function" new_side \
	"nobody waits for a task on the other side" not_the_other_side \
	"a function of vmlinux" of_vmlinux \
	"reversed enabling waits for a task in a new function" reversed_enabling \
	"reversed disabling waits for a task in an old function" reversed_disabling \
	"replacing waits for a task in a replaced livepatch's new function" replaced_new_side \
	"stacking does not wait for a task in a new function" stacked_new_side \
	"stacking waits for a task in what has replaced an old function" replaced_before \
	"replacing waits for a task in a covered function" replacing_covered \
	"replacing waits for a task in an old function" replacing_old_side \
	"a reversed replacement waits for a task in its new function" reversed_new_side \
	"a reversed replacement waits for a task in an old function of who comes back" reversed_old_side \
	"a replacement is reversed after the target was reloaded" reversed_after_reload \
	"the target comes later" later_target \
	"an unknown old function of a target that comes later" unknown_old_later \
	"an unknown new function of a target that comes later" unknown_new_later \
	"a target that never comes" never_loaded \
	"sysfs names each function" in_sysfs \
	"a function that ftrace cannot trace" untraceable \
	"atomic replace adds no nop" no_nop \
	"atomic replace gives back what is only looked for now" nop_beside
