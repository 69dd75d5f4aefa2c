#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Atomic replace: one livepatch takes the place of all others.

. "$(dirname "$0")/klp.sh"

PARK=test_klp_park:klp_park_kthread
VALUE=test_klp_target:klp_target_value
OTHER=test_klp_target:klp_target_other
FUNCTIONS='*,[0-9]*'

# replace_by PATCH [PARAMETER=VALUE...]: until it is the only one.
replace_by() {
	enable "$@" replace=1
	wait_until only "$1"
}

only() {
	[ "$(echo "$KLP_SYSFS"/test_klp_*)" = "$KLP_SYSFS/$1" ]
}

# begin_replacing FUNCS: leaves a transition that a kthread in replaced code holds up.
begin_replacing() {
	load test_klp_park
	load test_klp_target
	enable test_klp_patch_a funcs="$PARK,$VALUE"
	park_kthreads 1
	load test_klp_patch_b funcs="$1" replace=1
	expect "$KLP_SYSFS/test_klp_patch_b/transition" 1
}

expect_functions() {
	expect_equal "functions of $1" "$2" \
		"$(cd "$KLP_SYSFS/$1" && find . -name "$FUNCTIONS" | sort | paste -sd" ")"
}

chain() {
	local i

	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	for ((i = 0; i < 2 * KLP_STRESS; i++)); do
		replace_by test_klp_patch_b funcs="$VALUE"
		expect_target value b
		unload test_klp_patch_a
		replace_by test_klp_patch_c funcs="$VALUE"
		expect_target value c
		unload test_klp_patch_b
		replace_by test_klp_patch_a funcs="$VALUE"
		expect_target value a
		unload test_klp_patch_c
	done
	remove test_klp_patch_a
	expect_target value original
}

# A function that the new livepatch does not name is the original again.
dropped_function() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE,$OTHER"
	replace_by test_klp_patch_b funcs="$OTHER"
	expect_target value original
	expect_target other b
	expect_functions test_klp_patch_b "./test_klp_target/klp_target_other,1"
	! grep -q 'klp_target_value.* I ' "$KLP_TRACING/enabled_functions" ||
		fail "klp_target_value is still redirected"
}

dropped_object() {
	load test_klp_target
	enable test_klp_patch_a funcs="cmdline_proc_show,$VALUE"
	replace_by test_klp_patch_b funcs=cmdline_proc_show
	expect_target value original
	expect /proc/cmdline "b: this has been live patched"
	gone "$KLP_SYSFS/test_klp_patch_b/test_klp_target" || fail "the object is still there"
	unload test_klp_target
	load test_klp_target
	expect_target value original
}

everything_dropped() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE,$OTHER"
	replace_by test_klp_patch_b funcs=cmdline_proc_show
	expect_target value original
	expect_target other original
}

all_of_a_stack() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	enable test_klp_patch_b funcs="$VALUE,$OTHER"
	replace_by test_klp_patch_c funcs="$VALUE"
	expect_target value c
	expect_target other original
	unload test_klp_patch_a
	unload test_klp_patch_b
	remove test_klp_patch_c
	expect_target value original
}

# A livepatch that does not replace stacks on one that did.
stacked_on_replacement() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	replace_by test_klp_patch_b funcs="$VALUE"
	enable test_klp_patch_c funcs="$VALUE"
	expect_target value c
	expect "$KLP_SYSFS/test_klp_patch_b/enabled" 1
	remove test_klp_patch_c
	expect_target value b
}

target_absent() {
	enable test_klp_patch_a funcs="$VALUE,$OTHER"
	replace_by test_klp_patch_b funcs="$OTHER"
	unload test_klp_patch_a
	load test_klp_target
	expect_target value original
	expect_target other b
}

target_comes_meanwhile() {
	load test_klp_park
	enable test_klp_patch_a funcs="$PARK,$VALUE,$OTHER"
	park_kthreads 1
	load test_klp_patch_b funcs="$OTHER" replace=1
	expect "$KLP_SYSFS/test_klp_patch_b/transition" 1
	load test_klp_target
	expect_target value original
	expect_target other b
	unload test_klp_target
	load test_klp_target
	release
	wait_until only test_klp_patch_b
	expect_target value original
	expect_target other b
}

# A task in replaced code is waited for, also when nothing new is there for it.
waits_for_tasks() {
	begin_replacing "$VALUE"
	write_refused_loudly EBUSY 0 test_klp_patch_a enabled
	! unused test_klp_patch_a || fail "test_klp_patch_a is let go too early"
	release
	wait_until only test_klp_patch_b
	expect "$KLP_PARK/kthread" a
	unload test_klp_patch_a
}

reversed() {
	begin_replacing "$VALUE,$OTHER"
	write 0 "$KLP_SYSFS/test_klp_patch_b/enabled"
	wait_until only test_klp_patch_a
	expect_target value a
	expect_target other original
	expect_functions test_klp_patch_a \
		"./test_klp_park/klp_park_kthread,1 ./test_klp_target/klp_target_value,1"
	unload test_klp_patch_b
	release
	expect "$KLP_PARK/kthread" a
}

nothing_to_replace() {
	load test_klp_target
	replace_by test_klp_patch_a funcs="$VALUE"
	expect "$KLP_SYSFS/test_klp_patch_a/replace" 1
	expect_target value a
}

klp_run \
	"livepatches replace each other in a chain" chain \
	"a function that is no longer named is the original again" dropped_function \
	"an object that is no longer named is unpatched" dropped_object \
	"a livepatch of something else unpatches everything" everything_dropped \
	"all of a stack are replaced" all_of_a_stack \
	"a livepatch stacks on one that replaced others" stacked_on_replacement \
	"the target comes after the replacement" target_absent \
	"the target comes during the replacement" target_comes_meanwhile \
	"a replacement waits for tasks in replaced code" waits_for_tasks \
	"a replacement is reversed" reversed \
	"there may be nothing to replace" nothing_to_replace
