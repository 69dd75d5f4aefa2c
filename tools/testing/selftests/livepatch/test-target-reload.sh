#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Modules that come and go under a livepatch, at every time.

. "$(dirname "$0")/klp.sh"

PARK=test_klp_park:klp_park_kthread
VALUE=test_klp_target:klp_target_value
PATCH=$KLP_SYSFS/test_klp_patch_a

# reload TIMES VERSION: come and go, and be patched (or not) each time.
reload() {
	local i

	for ((i = 0; i < $1; i++)); do
		load test_klp_target
		expect_target value "$2"
		expect "$PATCH/test_klp_target/patched" 1
		unload test_klp_target
		expect "$PATCH/test_klp_target/patched" 0
	done
}

while_enabled() {
	enable test_klp_patch_a funcs="cmdline_proc_show,$VALUE"
	expect "$PATCH/test_klp_target/patched" 0
	reload $((5 * KLP_STRESS)) a
	expect "$PATCH/vmlinux/patched" 1
}

target_first() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	expect_target value a
	unload test_klp_target
	reload 2 a
	load test_klp_target
	remove test_klp_patch_a
	expect_target value original
}

while_patching() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$PARK,$VALUE"
	reload $((3 * KLP_STRESS)) a
	expect "$PATCH/transition" 1
	load test_klp_target
	release
	wait_until transition_done test_klp_patch_a
	expect_target value a
}

while_unpatching() {
	load test_klp_park
	load test_klp_target
	enable test_klp_patch_a funcs="$PARK,$VALUE"
	park_kthreads 1
	write 0 "$PATCH/enabled"
	expect_target value original
	unload test_klp_target
	reload $((3 * KLP_STRESS)) original
	expect "$PATCH/transition" 1
	load test_klp_target
	release
	wait_until gone "$PATCH"
	expect_target value original
}

# Who has not switched yet may enter the old code of a module that comes only now, and is
# waited for.
entered_while_patching() {
	local thread

	enable test_klp_thread
	thread=$(kthread_pid klp_thread)
	load test_klp_patch_a funcs="%msleep,test_klp_park:klp_park_tail"
	expect_waits test_klp_patch_a 1 "$thread"
	load test_klp_park
	write 1 /sys/module/test_klp_thread/parameters/tail
	wait_until parked 1
	expect "/proc/$thread/patch_state" 0
	still_in_transition "$PATCH"
	grep -q " klp_thread on_stack .* klp_park_tail+" "$PATCH/stalled" ||
		fail "stalled says: $(< "$PATCH/stalled")"
	release
}

# What ftrace has let go of already is no target any more, though the module is still there.
going() {
	local pass=/sys/module/test_klp_pass/parameters

	load test_klp_target
	enable_pass mod_sysfs_teardown test_klp_pass names=rmmod alive=1
	write 1 "$pass/hold"
	rmmod test_klp_target &
	wait_until is "$pass/held" 1
	expect /sys/module/test_klp_target/initstate going
	enable test_klp_patch_a funcs="$VALUE"
	expect "$PATCH/test_klp_target/patched" 0
	write 0 "$pass/hold"
	wait
	load test_klp_target
	expect_target value a
}

# The transition is turned round while the module is away.
away_while_reversed() {
	load test_klp_park
	load test_klp_target
	park_kthreads 1
	load test_klp_patch_a funcs="$PARK,$VALUE"
	unload test_klp_target
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"
	load test_klp_target
	expect_target value original
}

away_while_disabled() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	unload test_klp_target
	remove test_klp_patch_a
	load test_klp_target
	expect_target value original
}

under_a_stack() {
	local i

	enable test_klp_patch_a funcs="$VALUE"
	enable test_klp_patch_b funcs="$VALUE,test_klp_target:klp_target_other"
	enable test_klp_patch_c funcs=test_klp_target:klp_target_other
	for ((i = 0; i < 3 * KLP_STRESS; i++)); do
		load test_klp_target
		expect_target value b
		expect_target other c
		unload test_klp_target
	done
	disable test_klp_patch_b
	load test_klp_target
	expect_target value a
	expect_target other c
}

# Coming and going meets the beginning and end of transitions at any point.
storm() {
	local i loop

	(
		trap - ERR EXIT
		start_calls
		while [ ! -e "$KLP_TMP/stop" ]; do
			load test_klp_target
			slurp /sys/module/test_klp_target/parameters/value
			[[ $TEXT = @(original|a) ]] || exit 1
			unload test_klp_target
		done
	) &
	loop=$!

	for ((i = 0; i < 8 * KLP_STRESS; i++)); do
		enable test_klp_patch_a funcs="cmdline_proc_show,$VALUE"
		remove test_klp_patch_a
	done
	touch "$KLP_TMP/stop"
	wait "$loop" || fail "a target came up wrong"
	rm "$KLP_TMP/stop"

	load test_klp_target
	expect_target value original
}

klp_run \
	"a target is patched each time it comes" while_enabled \
	"a target that was there before goes and comes" target_first \
	"a target comes and goes during a patching transition" while_patching \
	"a target comes and goes during an unpatching transition" while_unpatching \
	"a task enters a target that comes during a transition" entered_while_patching \
	"a livepatch comes while a target goes" going \
	"a transition is reversed while the target is away" away_while_reversed \
	"a livepatch is disabled while the target is away" away_while_disabled \
	"a target comes and goes under several livepatches" under_a_stack \
	"a target comes and goes while livepatches do" storm
