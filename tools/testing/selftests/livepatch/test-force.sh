#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ending a transition by force. A task may be left in code that everybody else
# believes to be unused, so the livepatch that holds this code is pinned for ever:
# these cases can be run once after each boot.

. "$(dirname "$0")/klp.sh"

PARK=test_klp_park:klp_park_kthread
REGISTER=test_klp_park:klp_park_register
CALLBACK=test_klp_park:%klp_park_callback/new_callback
VALUE=test_klp_target:klp_target_value

first_time() {
	! loaded "$1" || skip "$1 is pinned by an earlier run"
	load test_klp_target
	load test_klp_park
}

# force PATCH: the transition is over, so that nobody can turn it round any more, and the
# kernel is as tainted as before.
force() {
	local taint

	taint=$(value /proc/sys/kernel/tainted)
	write 1 "$1/force"
	! is "$1/transition" 1 || fail "the transition goes on"
	expect /proc/sys/kernel/tainted "$taint"
}

expect_pinned() {
	if rmmod "$1" 2> /dev/null; then
		fail "$1 could be removed while a task sleeps in it"
	fi
	! unused "$1" || fail "$1 counts as unused"
}

# The kthread wakes up in a function of a livepatch that is not enabled any more.
unpatching() {
	local patch=$KLP_SYSFS/test_klp_patch_f

	first_time test_klp_patch_f
	enable test_klp_patch_f funcs="$PARK,$VALUE"
	park_kthreads 1
	write 0 "$patch/enabled"
	expect "$patch/transition" 1
	force "$patch"
	wait_until gone "$patch"
	expect_target value original
	parked 1 || fail "the kthread was disturbed"
	expect_pinned test_klp_patch_f
	release
	expect "$KLP_PARK/kthread" f
	expect_pinned test_klp_patch_f
}

# Who replaces another livepatch by force leaves tasks in the replaced one.
replacing() {
	local patch=$KLP_SYSFS/test_klp_patch_h

	first_time test_klp_patch_g
	enable test_klp_patch_g funcs="$PARK,$VALUE"
	park_kthreads 1
	load test_klp_patch_h funcs="$VALUE" replace=1
	expect "$patch/transition" 1
	force "$patch"
	wait_until transition_done test_klp_patch_h
	wait_until gone "$KLP_SYSFS/test_klp_patch_g"
	expect_target value h
	expect_pinned test_klp_patch_g
	release
	expect "$KLP_PARK/kthread" g
	expect_pinned test_klp_patch_g
}

# The livepatch works afterwards, and can be disabled and removed.
patching() {
	local patch=$KLP_SYSFS/test_klp_patch_i

	first_time test_klp_patch_i
	park_kthreads 1
	load test_klp_patch_i funcs="$PARK,$VALUE"
	expect "$patch/transition" 1
	force "$patch"
	wait_until transition_done test_klp_patch_i
	expect "$patch/enabled" 1
	expect_target value i
	parked 1 || fail "the kthread was disturbed"
	release
	expect "$KLP_PARK/kthread" original

	write 1 "$KLP_PARK/hold"
	park_kthreads 1
	release
	expect "$KLP_PARK/kthread" i

	remove test_klp_patch_i
	expect_target value original
}

# Who is on top by force leaves tasks in the one below, where the next livepatch that
# replaces both of them does not look for anybody: neither in functions nor in stack_only
# ones.
covering() {
	first_time test_klp_patch_i
	enable test_klp_patch_i funcs="$VALUE,$PARK,$REGISTER,$CALLBACK"
	enable test_klp_patch_b funcs="$VALUE"
	park_kthreads 1
	expect "$KLP_PARK/register" i
	park_reader callback
	load test_klp_patch_a funcs="$PARK"
	expect "$KLP_SYSFS/test_klp_patch_a/transition" 1
	write 1 "$KLP_SYSFS/test_klp_patch_a/force"
	wait_until transition_done test_klp_patch_a
	enable test_klp_patch_c funcs="$VALUE" replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_i"
	expect_pinned test_klp_patch_i
	parked 2 || fail "somebody was disturbed"
	release
	expect "$KLP_PARK/kthread" i
	wait "$READER" || fail "the reader failed: $(< "$KLP_TMP/read")"
	expect "$KLP_TMP/read" i
	expect "$KLP_PARK/register" original
	expect_pinned test_klp_patch_i
	wait_until rmmod test_klp_patch_a
	wait_until rmmod test_klp_patch_b
	remove test_klp_patch_c
}

# Other livepatches neither suffer nor are pinned.
bystanders() {
	loaded test_klp_patch_f || skip "nothing was forced"
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	expect_target value a
	remove test_klp_patch_a
	expect_target value original
}

without_transition() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	write_refused_loudly EINVAL 1 test_klp_patch_a force
	remove test_klp_patch_a
}

# The transition goes on, and the livepatch is not pinned.
not_a_wish_to_force() {
	local patch=$KLP_SYSFS/test_klp_patch_a

	load test_klp_target
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$PARK,$VALUE"
	write_refused_loudly EINVAL perhaps test_klp_patch_a force
	write 0 "$patch/force"
	expect "$patch/transition" 1
	release
	wait_until transition_done test_klp_patch_a
	remove test_klp_patch_a
}

klp_run \
	"force without a transition is refused" without_transition \
	"force takes a boolean, and 0 does nothing" not_a_wish_to_force \
	"a forced unpatching transition completes and pins the livepatch" unpatching \
	"a forced replacement completes and pins what was replaced" replacing \
	"a forced patching transition completes" patching \
	"a forced patching transition pins the livepatch that it covers" covering \
	"other livepatches go on as usual" bystanders
