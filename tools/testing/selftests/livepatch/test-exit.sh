#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tasks that exit count until their last schedule(), although they leave the list
# of tasks before; and the paths on which tasks come and go can be patched.

. "$(dirname "$0")/klp.sh"

PATCH=$KLP_SYSFS/test_klp_pass
PASS=/sys/module/test_klp_pass/parameters

# In the list of tasks there is nobody left who runs the new function.
unpatched() {
	enable_pass proc_flush_pid
	hold_exiting test_klp_pass
	write 0 "$PATCH/enabled"
	still_in_transition "$PATCH"
	write 0 "$PASS/hold"
	wait_until gone "$PATCH"
	unload test_klp_pass
}

# The transition waits for old code, too, and for that of a livepatch that goes.
replaced() {
	enable_pass proc_flush_pid
	hold_exiting test_klp_pass
	load test_klp_patch_a funcs=cmdline_proc_show replace=1
	still_in_transition "$KLP_SYSFS/test_klp_patch_a"
	write 0 "$PASS/hold"
	wait_until gone "$PATCH"
	unload test_klp_pass
	remove test_klp_patch_a
}

# Who exits while other functions change is not in their way.
unconcerned() {
	enable_pass proc_flush_pid
	hold_exiting test_klp_pass
	enable test_klp_patch_a funcs=cmdline_proc_show
	remove test_klp_patch_a
	expect "$PASS/held" 1
	write 0 "$PASS/hold"
	remove test_klp_pass
}

# It goes on in code that stays.
forced() {
	local pass=test_klp_pass_f

	! loaded "$pass" || skip "$pass is pinned by an earlier run"
	enable_pass proc_flush_pid "$pass"
	hold_exiting "$pass"
	load test_klp_patch_f funcs=proc_flush_pid
	expect "$KLP_SYSFS/test_klp_patch_f/transition" 1
	write 1 "$KLP_SYSFS/test_klp_patch_f/force"
	wait_until transition_done test_klp_patch_f
	write 0 "/sys/module/$pass/parameters/hold"
	wait_until is "/sys/module/$pass/parameters/held" 0
	remove test_klp_patch_f
	disable "$pass"
	! unused "$pass" || fail "$pass counts as unused"
}

# come_and_go FUNCTION,...: in a storm of processes and threads; each of the functions
# has been called in the end.
come_and_go() {
	local i storm calls

	storm=$(program klp-storm)
	"$storm" /proc/version 4 > "$KLP_TMP/storm" &
	defer kill -TERM $!

	enable_pass "$1"
	disable test_klp_pass
	for ((i = 0; i < 5 * KLP_STRESS; i++)); do
		write 1 "$PASS/enable"
		wait_until transition_done test_klp_pass
		write 0 "$PATCH/enabled"
		wait_until gone "$PATCH"
	done

	read -ra calls < "$PASS/calls"
	[[ " ${calls[*]} " != *" 0 "* ]] || fail "calls of $1: ${calls[*]}"
	note "$1: patched and unpatched $i times, called ${calls[*]} times"
	unload test_klp_pass
}

exiting() {
	come_and_go do_exit,release_task,proc_flush_pid,do_task_dead
}

forking() {
	come_and_go kernel_clone,copy_process,wake_up_new_task,schedule_tail
}

# exiting_left: how many tasks are waited for until they have exited.
exiting_left() {
	grep -cE '^[0-9]+ [0-9]+ klp_parked/[0-9]+ exiting ' "$PATCH/stalled"
}

all_exit() {
	[ "$(exiting_left)" = "$1" ] && [ "$(wc -l < "$PATCH/stalled")" = "$1" ]
}

# For as long as somebody is waited for. A CPU of an emulated machine that goes on takes
# its time to answer the other one, which asks hundreds of times when cond_resched() is
# unhooked.
read_stalled() {
	while slurp "$PATCH/stalled" && [ -n "$TEXT" ]; do
		:
	done
}

# More than a walk looks at before it rests. Each is waited for, and found once; and
# while a walk rests those leave at which it stands.
many() {
	enable_pass proc_flush_pid
	load test_klp_park
	park_kthreads 200
	release
	write 1 "$PASS/hold"
	write 0 "$KLP_PARK/kthreads"
	wait_until is "$PASS/held" 200
	write 0 "$PATCH/enabled"
	wait_until all_exit 200
	expect_equal "different tasks" 200 "$(cut -d ' ' -f 1 "$PATCH/stalled" | sort -u | wc -l)"
	still_in_transition "$PATCH"
	slow_walks 20000
	read_stalled &
	write 0 "$PASS/hold"
	wait_until gone "$PATCH"
	wait
	unload test_klp_kprobe
	unload test_klp_pass
}

# Those that a walk has not come to when they leave the list are elsewhere when it is at
# its end. Its first part comes to 32 of them at most; were they many, it would begin anew,
# for want of room.
behind_walk() {
	local reader

	[ "$(nproc)" -gt 1 ] || skip "nobody runs on this machine while a walk is kept"
	enable_pass proc_flush_pid
	load test_klp_park
	write 33 "$KLP_PARK/sleepers"
	wait_until parked 33
	load test_klp_patch_a funcs=test_klp_park:%klp_park_sleep replace=1
	write 1 "$PASS/hold"
	slow_walks 2000000 cat
	cat "$KLP_SYSFS/test_klp_patch_a/stalled" > "$KLP_TMP/stalled" &
	reader=$!
	wait_until parts 1
	write 0 "$KLP_PARK/sleepers"
	wait_until is "$PASS/held" 33
	kill -0 "$reader" || fail "the walk was at its end before"
	wait
	expect_equal "tasks" 33 "$(grep -c klp_parked/ "$KLP_TMP/stalled")"
	grep -q "klp_parked/.* exiting" "$KLP_TMP/stalled" || fail "nobody has left during the walk"
	unload test_klp_kprobe
	write 0 "$PASS/hold"
	wait_until transition_done test_klp_patch_a
	unload test_klp_pass
	remove test_klp_patch_a
}

stop_threads() {
	! loaded klp_bench_threads || rmmod klp_bench_threads
}

# A walk looks at one stack after the other; from behind, more leave than it gets on.
leaving() {
	slow_walks 100000
	load klp_bench_threads threads=500
	defer stop_threads
	load_aside test_klp_patch_a funcs=cmdline_proc_show
	wait_until parts 6
	stop_threads
	wait
	unload test_klp_kprobe
	wait_until transition_done test_klp_patch_a
	remove test_klp_patch_a
}

klp_run \
	"a task that has left the list is waited for" unpatched \
	"a task that has left the list delays a replacement" replaced \
	"a task that has left the list does not delay others" unconcerned \
	"a task that has left the list can be forced" forced \
	"many tasks that have left the list are waited for" many \
	"tasks that leave the list during a walk are found" behind_walk \
	"tasks leave while others are looked at" leaving \
	"functions of exiting tasks come and go in a storm" exiting \
	"functions of new tasks come and go in a storm" forking
