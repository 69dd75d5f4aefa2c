#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Let each memory allocation of the core fail once. Whatever is refused leaves
# everything as it was, and what is done in spite of it is done in full.

. "$(dirname "$0")/klp.sh"

TARGET=test_klp_target
VALUE=$TARGET:klp_target_value
FUNCS=cmdline_proc_show,$VALUE
FAILSLAB=$KLP_DEBUGFS/failslab

# core_range FUNCTION: where it is, as failslab wants to know it.
core_range() {
	awk -v name="$1" '
		$2 ~ /[tT]/ && NF == 3 { print $1, $3 }' /proc/kallsyms | sort |
		awk -v name="$1" 'start { print start, $1; exit } $2 == name { start = $1 }'
}

# count_only FUNCTION: allocations that others make are not ours to test.
count_only() {
	local start end

	FAILNTH=$(program klp-failnth)
	[ -d "$FAILSLAB" ] || skip "this kernel cannot inject allocation failures"
	[ -e "$FAILSLAB/require-start" ] || skip "this kernel cannot tell whose allocation it is"
	read -r start end < <(core_range "$1")
	[ -n "$end" ] || fail "$1 is not in /proc/kallsyms"

	defer write 0 "$FAILSLAB/require-start"
	defer write 0xffffffffffffffff "$FAILSLAB/require-end"
	defer write Y "$FAILSLAB/ignore-gfp-wait"
	write "0x$start" "$FAILSLAB/require-start"
	write "0x$end" "$FAILSLAB/require-end"
	write 32 "$FAILSLAB/stacktrace-depth"
	write N "$FAILSLAB/ignore-gfp-wait"
	write 0 "$FAILSLAB/verbose"
}

# walk OPERATION UNDO: OPERATION N fails the N-th allocation of something, sets
# REACHED to "failed" or "spared" and ERRNO; after a success UNDO takes it back.
# It ends when there is no N-th, which must be after at least one.
walk() {
	local n before

	before=$(snapshot)
	for ((n = 1; n < 500; n++)); do
		read -r REACHED ERRNO < <("$1" "$n")
		case $ERRNO in
		0)
			"$2"
			;;
		12)
			;;
		*)
			fail "allocation $n failed, and errno was $ERRNO"
			;;
		esac
		expect_equal "the system after allocation $n" "$before" "$(snapshot)"
		if [ "$REACHED" = spared ]; then
			[ "$ERRNO" = 0 ] || fail "nothing failed, and errno was $ERRNO"
			[ "$n" -gt 1 ] || fail "there was no allocation to fail"
			return
		fi
	done
	fail "no end after $n allocations"
}

load_a() {
	"$FAILNTH" "$1" load "$(module_file test_klp_patch_a)" \
		funcs="$FUNCS" callbacks=1 states=1:1
}

undo_load_a() {
	wait_until transition_done test_klp_patch_a
	expect_target value a
	expect /proc/cmdline "a: this has been live patched"
	remove test_klp_patch_a
	expect_target value original
}

enabling() {
	load "$TARGET"
	count_only klp_enable_patch
	walk load_a undo_load_a
}

# Both functions are dropped, so nops are needed, and another one is new.
replace_by_b() {
	"$FAILNTH" "$1" load "$(module_file test_klp_patch_b)" \
		funcs="$TARGET:klp_target_other" replace=1 states=1:1
}

undo_replace() {
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	expect_target value original
	expect_target other b
	unload test_klp_patch_a
	enable test_klp_patch_a funcs="$FUNCS" replace=1 states=1:1
	wait_until gone "$KLP_SYSFS/test_klp_patch_b"
	unload test_klp_patch_b
	expect_target value a
}

replacing() {
	load "$TARGET"
	enable test_klp_patch_a funcs="$FUNCS" states=1:1
	count_only klp_enable_patch
	walk replace_by_b undo_replace
	expect_target value a
	expect_target other original
}

load_target() {
	"$FAILNTH" "$1" load "$(module_file "$TARGET")"
}

undo_load_target() {
	expect_target value b
	unload "$TARGET"
}

target_coming() {
	enable test_klp_patch_a funcs="$FUNCS"
	enable test_klp_patch_b funcs="$VALUE"
	count_only klp_module_coming
	walk load_target undo_load_target
	expect /proc/cmdline "a: this has been live patched"
}

# With code that static keys and static calls of the target change.
SPECIAL=/sys/module/test_klp_special_target/parameters

expect_follows() {
	expect "$SPECIAL/key_false" 0
	write 1 "$SPECIAL/set_false"
	expect "$SPECIAL/key_false" 1
	write 2 "$SPECIAL/set_call"
	expect "$SPECIAL/call" 2
	write 0 "$SPECIAL/set_false"
	write 1 "$SPECIAL/set_call"
	expect "$SPECIAL/key_false" 0
	expect "$SPECIAL/call" 1
}

load_special() {
	"$FAILNTH" "$1" load "$(module_file test_klp_special)"
}

undo_load_special() {
	wait_until transition_done test_klp_special
	expect_follows
	remove test_klp_special
	expect "$SPECIAL/key_false" original
}

enabling_special() {
	load test_klp_special_base
	load test_klp_special_target
	count_only klp_enable_patch
	walk load_special undo_load_special
}

load_special_target() {
	"$FAILNTH" "$1" load "$(module_file test_klp_special_target)"
}

undo_load_special_target() {
	expect_follows
	unload test_klp_special_target
}

special_target_coming() {
	load test_klp_special_base
	enable test_klp_special
	count_only klp_module_coming
	walk load_special_target undo_load_special_target
}

# Disabling has no way to say no: it must not need memory that it cannot get.
disabling() {
	local n

	load "$TARGET"
	count_only klp_enable_patch
	defer write 0 "$FAILSLAB/require-start"
	write 0 "$FAILSLAB/require-start"
	write 0xffffffffffffffff "$FAILSLAB/require-end"

	for ((n = 1; n < 100; n++)); do
		enable test_klp_patch_a funcs="$FUNCS"
		read -r REACHED ERRNO < <("$FAILNTH" "$n" write 0 "$KLP_SYSFS/test_klp_patch_a/enabled")
		if [ "$ERRNO" = 12 ]; then
			expect "$KLP_SYSFS/test_klp_patch_a/enabled" 1
			expect_target value a
			write 0 "$KLP_SYSFS/test_klp_patch_a/enabled"
		else
			expect_equal "errno" 0 "$ERRNO"
		fi
		wait_until gone "$KLP_SYSFS/test_klp_patch_a"
		expect_target value original
		unload test_klp_patch_a
		[ "$REACHED" = failed ] || return 0
	done
	fail "no end after $n allocations"
}

klp_run \
	"enabling" enabling \
	"replacing" replacing \
	"a target comes" target_coming \
	"enabling, with special sections that wait" enabling_special \
	"a target comes that special sections wait for" special_target_coming \
	"disabling" disabling
