#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Functions of the same name. test_klp_target has two called klp_target_twin, and
# one klp_target_value.

. "$(dirname "$0")/klp.sh"

TWIN=test_klp_target:klp_target_twin
VALUE=test_klp_target:klp_target_value

expect_twins() {
	expect_target twin1 "$1"
	expect_target twin2 "$2"
}

# refused FUNCTION ERRNO: with the target there, and with nothing left.
refused() {
	local before name

	load test_klp_target
	before=$(snapshot)
	log_mark
	load_refused "$2" test_klp_patch_a funcs="$1"
	expect_equal "the system" "$before" "$(snapshot)"
	name=${1##*:}
	expect_log "${name%@*}"
	expect_twins original original
}

ambiguous() {
	refused "$TWIN" EINVAL
}

past_the_last_twin() {
	refused "$TWIN@3" EINVAL
}

past_the_only() {
	refused "$VALUE@2" EINVAL
}

# Which function of the kernel is not alone differs; that one is not.
ambiguous_in_vmlinux() {
	local twin

	twin=$(awk 'NF == 3 && $2 == "t" && $3 !~ /[.$]/ && seen[$3]++ { print $3; exit }' /proc/kallsyms)
	[ -n "$twin" ] || skip "all functions of this kernel have different names"
	refused "$twin" EINVAL
}

first_twin() {
	load test_klp_target
	enable test_klp_patch_a funcs="$TWIN@1"
	expect_twins a original
	remove test_klp_patch_a
	expect_twins original original
}

second_twin() {
	load test_klp_target
	enable test_klp_patch_a funcs="$TWIN@2"
	expect_twins original a
	[ -d "$KLP_SYSFS/test_klp_patch_a/test_klp_target/klp_target_twin,2" ] ||
		fail "the directory of the function does not have its position"
}

both_twins() {
	load test_klp_target
	enable test_klp_patch_a funcs="$TWIN@2,$TWIN@1"
	expect_twins a a
	enable test_klp_patch_b funcs="$TWIN@1"
	expect_twins b a
	disable test_klp_patch_a
	expect_twins b original
}

# When the target comes later it is the target that is refused.
ambiguous_later() {
	enable test_klp_patch_a funcs="$TWIN"
	load_refused EINVAL test_klp_target
	remove test_klp_patch_a
	load test_klp_target
	expect_twins original original
}

twin_later() {
	enable test_klp_patch_a funcs="$TWIN@2"
	load test_klp_target
	expect_twins original a
}

expect_one_directory() {
	expect_equal "function directories of $1" klp_target_value,1 \
		"$(find "$KLP_SYSFS/$1/test_klp_target" -mindepth 1 -type d -printf '%f\n')"
}

# replaces FIRST SECOND: 0 and 1 mean the same function when there is only one.
replaces() {
	load test_klp_target
	enable test_klp_patch_a funcs="$1" replace=1
	expect_target value a
	expect_one_directory test_klp_patch_a
	enable test_klp_patch_b funcs="$2" replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	expect_target value b
	expect_one_directory test_klp_patch_b
	remove test_klp_patch_b
	expect_target value original
}

zero_then_one() {
	replaces "$VALUE" "$VALUE@1"
}

one_then_zero() {
	replaces "$VALUE@1" "$VALUE@0"
}

zero_then_one_late() {
	enable test_klp_patch_a funcs="$VALUE"
	enable test_klp_patch_b funcs="$VALUE@1" replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	load test_klp_target
	expect_target value b
	expect_one_directory test_klp_patch_b
}

klp_run \
	"an ambiguous function is refused" ambiguous \
	"an ambiguous function of vmlinux is refused" ambiguous_in_vmlinux \
	"a position past the last is refused" past_the_last_twin \
	"a position past the only one is refused" past_the_only \
	"position 1 is the first" first_twin \
	"position 2 is the second" second_twin \
	"both can be patched" both_twins \
	"an ambiguous function refuses the module that comes with it" ambiguous_later \
	"a position is found in a module that comes later" twin_later \
	"position 1 replaces position 0 of the only one" zero_then_one \
	"position 0 replaces position 1 of the only one" one_then_zero \
	"position 1 replaces position 0 before the target comes" zero_then_one_late
