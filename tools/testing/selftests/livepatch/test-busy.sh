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

# A switch is not lost when the transition turns round under it.
reversed() {
	spin_everywhere
	load test_klp_park
	write 1 "$KLP_PARK/busy"
	load test_klp_patch_a funcs="$FUNCS"
	{ echo 0 > "$PATCH/enabled"; } 2> /dev/null || :
	wait_until gone "$PATCH"
	unload test_klp_patch_a
	there_and_back
}

klp_run \
	"with a user process on each CPU" users \
	"with a kthread on each CPU" kthreads \
	"with both on each CPU" both \
	"reversed, with both on each CPU" reversed
