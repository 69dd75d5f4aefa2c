#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Functions of the same name, and names of the same function. test_klp_target has two
# called klp_target_twin, one klp_target_value, and one that is called klp_target_aliased and
# klp_target_alias.

. "$(dirname "$0")/klp.sh"

TWIN=test_klp_target:klp_target_twin
VALUE=test_klp_target:klp_target_value
ALIASED=test_klp_target:klp_target_aliased
ALIAS=test_klp_target:klp_target_alias

expect_twins() {
	expect_target twin1 "$1"
	expect_target twin2 "$2"
}

# refused FUNCTION ERRNO: with the target there, and with nothing left.
refused() {
	local before name

	load test_klp_target
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused "$2" test_klp_patch_a funcs="$1"
	expect_unchanged afterwards "$before"
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

	twin=$(awk 'NF == 3 && $2 == "t" && $3 !~ /[.$]/ && seen[$3]++ { print $3; exit }' \
		"$KLP_KALLSYMS")
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

# It cannot be redirected to two new functions.
both_names() {
	local before

	load test_klp_target
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused EINVAL test_klp_patch_a funcs="$ALIASED,$ALIAS"
	expect_unchanged afterwards "$before"
	expect_log test_klp_patch_a test_klp_target "'klp_target_aliased'" "'klp_target_alias'"
	expect_target aliased original
}

both_names_later() {
	enable test_klp_patch_a funcs="$ALIASED,$ALIAS"
	log_mark
	load_refused EINVAL test_klp_target
	expect_log test_klp_patch_a test_klp_target "'klp_target_aliased'" "'klp_target_alias'"
	remove test_klp_patch_a
	load test_klp_target
	expect_target aliased original
}

# replaces_name FIRST SECOND [late]: what is dropped by one name is taken by the other.
replaces_name() {
	[ "${3-}" = late ] || load test_klp_target
	enable test_klp_patch_a funcs="$1" replace=1
	[ "${3-}" = late ] || expect_target aliased a
	enable test_klp_patch_b funcs="$2" replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	[ "${3-}" != late ] || load test_klp_target
	expect_target aliased b
	remove test_klp_patch_b
	expect_target aliased original
}

alias_then_name() {
	replaces_name "$ALIAS" "$ALIASED"
}

name_then_alias() {
	replaces_name "$ALIASED" "$ALIAS"
}

name_then_alias_late() {
	replaces_name "$ALIASED" "$ALIAS" late
}

# Two livepatches may know it by different names; the one on top counts.
stacked_names() {
	load test_klp_target
	enable test_klp_patch_a funcs="$ALIASED"
	enable test_klp_patch_b funcs="$ALIAS"
	expect_target aliased b
	remove test_klp_patch_b
	expect_target aliased a
	remove test_klp_patch_a
	expect_target aliased original
}

# Behind loadavg_proc_show lies a weak function that another one has taken the place and the
# name of. Where ftrace knows it still, as on powerpc, there are two places to hook.
nameless_behind() {
	enable test_klp_patch_a funcs=loadavg_proc_show
	expect /proc/loadavg "a: this has been live patched"
	remove test_klp_patch_a
	! is /proc/loadavg "a: this has been live patched" || fail "the new function still runs"
}

klp_run \
	"a function that one without a name follows" nameless_behind \
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
	"position 1 replaces position 0 before the target comes" zero_then_one_late \
	"one function by two names is refused" both_names \
	"one function by two names refuses the module that comes with it" both_names_later \
	"a name replaces another of the same function" alias_then_name \
	"a name is replaced by another of the same function" name_then_alias \
	"a name is replaced by another before the target comes" name_then_alias_late \
	"livepatches stack on a function by different names" stacked_names
