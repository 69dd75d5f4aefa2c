#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Transitions on a machine whose CPUs are all busy: they complete on their own.

. "$(dirname "$0")/klp.sh"

PATCH=$KLP_SYSFS/test_klp_patch_a
FUNCS=cmdline_proc_show,test_klp_park:klp_park_step

there_and_back() {
	enable test_klp_patch_a funcs="$FUNCS"
	expect /proc/cmdline "a: this has been live patched"
	remove test_klp_patch_a
}

users() {
	spin_everywhere
	load test_klp_park
	there_and_back
}

# They never sleep, never leave the kernel, and call a patched function all the time.
kthreads() {
	load test_klp_park
	write 1 "$KLP_PARK/busy"
	there_and_back
}

both() {
	spin_everywhere
	load test_klp_park
	write 1 "$KLP_PARK/busy"
	there_and_back
}

# A switch is not lost when the transition turns round under it; the parked kthread sees to
# that it does.
reversed() {
	spin_everywhere
	load test_klp_park
	write 1 "$KLP_PARK/busy"
	park_kthreads 1
	trace_events klp_transition_reverse
	load test_klp_patch_a funcs="$FUNCS,test_klp_park:klp_park_kthread"
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"
	[ "$(traced_events klp_transition_reverse)" = 1 ] || fail "it did not turn round"
	unload test_klp_patch_a
	there_and_back
}

# cond_resched() switches nobody who calls it from a function that is being left.
in_old_code() {
	load test_klp_park
	write 1 "$KLP_PARK/rescheds"
	wait_until parked 1
	load test_klp_patch_a funcs=test_klp_park:klp_park_resched
	expect_waits test_klp_patch_a 1 "$(kthread_pid klp_parked/0)"
	still_in_transition "$PATCH"
	release
	wait_until transition_done test_klp_patch_a
}

klp_run \
	"with a user process on each CPU" users \
	"with a kthread on each CPU" kthreads \
	"with both on each CPU" both \
	"reversed, with both on each CPU" reversed \
	"with a kthread that calls cond_resched() in old code" in_old_code
