#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Several livepatches of one function: the last enabled is in force, and any of
# them may be disabled at any time.

. "$(dirname "$0")/klp.sh"

VALUE=test_klp_target:klp_target_value
OTHER=test_klp_target:klp_target_other

stack() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	expect_target value a
	enable test_klp_patch_b funcs="$VALUE,$OTHER"
	expect_target value b
	enable test_klp_patch_c funcs="$VALUE"
	expect_target value c
	expect_target other b
}

from_the_top() {
	stack
	remove test_klp_patch_c
	expect_target value b
	remove test_klp_patch_b
	expect_target value a
	expect_target other original
	remove test_klp_patch_a
	expect_target value original
}

from_the_bottom() {
	stack
	remove test_klp_patch_a
	expect_target value c
	remove test_klp_patch_b
	expect_target value c
	expect_target other original
	remove test_klp_patch_c
	expect_target value original
}

from_the_middle() {
	stack
	remove test_klp_patch_b
	expect_target value c
	expect_target other original
	remove test_klp_patch_c
	expect_target value a
}

# Who is enabled again is on top.
again_on_top() {
	stack
	remove test_klp_patch_a
	enable test_klp_patch_a funcs="$VALUE"
	expect_target value a
	remove test_klp_patch_a
	expect_target value c
}

vmlinux() {
	local original

	original=$(< /proc/cmdline)
	enable test_klp_patch_a funcs=cmdline_proc_show
	enable test_klp_patch_b funcs=cmdline_proc_show
	expect /proc/cmdline "b: this has been live patched"
	remove test_klp_patch_a
	expect /proc/cmdline "b: this has been live patched"
	remove test_klp_patch_b
	expect /proc/cmdline "$original"
}

# A task sleeps in the middle of the stack, and keeps only that one from going.
task_in_the_middle() {
	local park=test_klp_park:klp_park_kthread

	load test_klp_park
	enable test_klp_patch_a funcs="$park"
	enable test_klp_patch_b funcs="$park"
	park_kthreads 1
	load test_klp_patch_c funcs="$park"
	expect "$KLP_SYSFS/test_klp_patch_c/transition" 1
	write_refused EBUSY 0 "$KLP_SYSFS/test_klp_patch_a/enabled"
	release
	wait_until transition_done test_klp_patch_c
	expect "$KLP_PARK/kthread" b
	write 1 "$KLP_PARK/hold"
	park_kthreads 1
	remove test_klp_patch_a
	remove test_klp_patch_b
	release
	expect "$KLP_PARK/kthread" c
}

klp_run \
	"a stack is taken down from the top" from_the_top \
	"a stack is taken down from the bottom" from_the_bottom \
	"a stack is taken down from the middle" from_the_middle \
	"a livepatch that is enabled again is on top" again_on_top \
	"livepatches of vmlinux stack" vmlinux \
	"a task sleeps in the middle of a stack" task_in_the_middle
