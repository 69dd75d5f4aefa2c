#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Let each memory allocation of the core fail once, and each call that can fail for
# another reason. Whatever is refused leaves everything as it was, and what is done
# in spite of it is done in full; and the same can be done when nothing fails.

. "$(dirname "$0")/klp.sh"
. "$(dirname "$0")/klp-fault.sh"

TARGET=test_klp_target
VALUE=$TARGET:klp_target_value
PARK=test_klp_park:klp_park_kthread,test_klp_park:klp_park_killable
FUNCS=cmdline_proc_show,$VALUE
PATCH=$KLP_SYSFS/test_klp_patch_a
ENOMEM=12

# memory FUNCTION and functions say what fails in a case. A function's EIO may be
# reported as the EINVAL of a name that was not found.
memory() {
	fail_memory "$1"
	ERRNOS=$ENOMEM
}

functions() {
	fail_functions
	ERRNOS="5 22"
}

# ---------------------------------------------------------------- operations

load_reloc() {
	fail_load "$1" test_klp_reloc
}

undo_load_reloc() {
	wait_until transition_done test_klp_reloc
	expect /sys/module/test_klp_reloc_target/parameters/call 1001
	remove test_klp_reloc
}

# One of the functions has a cold part.
load_a() {
	fail_load "$1" test_klp_patch_a \
		funcs="$FUNCS,$TARGET:klp_target_other,test_klp_park:klp_park_cold" \
		callbacks=1 states=1:1
}

undo_load_a() {
	wait_until transition_done test_klp_patch_a
	expect_target value a
	expect /proc/cmdline "a: this has been live patched"
	remove test_klp_patch_a
	expect_target value original
}

# What b replaces: an object is not there.
REPLACED="$FUNCS,test_klp_park:klp_park_killable"

# All functions are dropped, so nops are needed, and another one is new.
replace_by_b() {
	fail_load "$1" test_klp_patch_b \
		funcs="$TARGET:klp_target_other" replace=1 states=1:1
}

undo_replace() {
	wait_until gone "$PATCH"
	expect_target value original
	expect_target other b
	unload test_klp_patch_a
	enable test_klp_patch_a funcs="$REPLACED" replace=1 states=1:1
	wait_until gone "$KLP_SYSFS/test_klp_patch_b"
	unload test_klp_patch_b
	expect_target value a
}

disable_a() {
	call "$1" write "$PATCH/enabled" 0
}

undo_disable() {
	wait_until gone "$PATCH"
	expect_target value original
	unload test_klp_patch_a
	enable test_klp_patch_a funcs="$FUNCS"
}

reverse_a() {
	call "$1" write "$PATCH/enabled" 0
}

undo_reverse() {
	expect "$PATCH/enabled" 0
	expect "$PATCH/transition" 1
	write 1 "$PATCH/enabled"
}

load_target() {
	fail_load "$1" "$TARGET"
}

undo_load_target() {
	expect_target value b
	unload "$TARGET"
}

unload_target() {
	call "$1" unload "$TARGET"
}

undo_unload_target() {
	gone "/sys/module/$TARGET" || fail "the target is still there"
	load "$TARGET"
	expect_target value b
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
	fail_load "$1" test_klp_special
}

undo_load_special() {
	wait_until transition_done test_klp_special
	expect_follows
	remove test_klp_special
	expect "$SPECIAL/key_false" original
}

load_special_target() {
	fail_load "$1" test_klp_special_target
}

undo_load_special_target() {
	expect_follows
	unload test_klp_special_target
}

read_stalled() {
	call "$1" read "$PATCH/stalled"
}

SHADOW=/sys/module/test_klp_shadow/parameters

# Tells of no error: the caller of alloc and get_or_alloc gets NULL.
alloc_variable() {
	call "$1" write "$SHADOW/command" alloc 0 1 10
}

get_or_alloc_variable() {
	call "$1" write "$SHADOW/command" get_or_alloc 0 1 10
}

undo_variable() {
	if is "$SHADOW/result" none; then
		write "get 0 1" "$SHADOW/command"
		expect "$SHADOW/result" none
		NOT_MADE=$((NOT_MADE + 1))
	else
		expect "$SHADOW/result" 10
		write "free 0 1" "$SHADOW/command"
		MADE=$((MADE + 1))
	fi
}

fork_a_child() {
	call "$1" fork
}

undo_nothing() {
	:
}

# ---------------------------------------------------------------- cases

# loading WHAT FUNCTION: what the module loader asks of the core, or enabling.
loading() {
	load test_klp_reloc_base
	load test_klp_reloc_target seed=1000
	"$1" "$2"
	walk "$ERRNOS" load_reloc undo_load_reloc
}

enabling() {
	load "$TARGET"
	load test_klp_park
	"$1" klp_enable_patch
	walk "$ERRNOS" load_a undo_load_a
}

replacing() {
	load "$TARGET"
	enable test_klp_patch_a funcs="$REPLACED" replace=1 states=1:1
	"$1" klp_enable_patch
	walk "$ERRNOS" replace_by_b undo_replace
	expect_target value a
	expect_target other original
}

disabling() {
	load "$TARGET"
	enable test_klp_patch_a funcs="$FUNCS"
	"$1" klp_patch_set_enabled
	walk "$ERRNOS" disable_a undo_disable
	remove test_klp_patch_a
	expect_target value original
}

# begin_patching [FUNCTION [NUMBER]]: leaves a transition that parked kthreads hold up,
# one if no NUMBER is given.
begin_patching() {
	load test_klp_park
	park_kthreads "${2:-1}"
	load test_klp_patch_a funcs="$PARK${1:+,$1}"
	expect "$PATCH/transition" 1
}

# Held up in both directions: by a kthread in old code and a process in new code.
reversing() {
	begin_patching
	wait_until is /proc/$$/patch_state 1
	park_reader killable
	"$1" klp_patch_set_enabled
	walk "$ERRNOS" reverse_a undo_reverse
	release
	wait "$READER" || fail "the reader failed: $(< "$KLP_TMP/read")"
	wait_until transition_done test_klp_patch_a
	expect "$PATCH/enabled" 1
}

target_coming() {
	enable test_klp_patch_a funcs="$FUNCS"
	enable test_klp_patch_b funcs="$VALUE"
	"$1" klp_module_coming
	walk "$ERRNOS" load_target undo_load_target
	expect /proc/cmdline "a: this has been live patched"
}

enabling_special() {
	load test_klp_special_base
	load test_klp_special_target
	"$1" klp_enable_patch
	walk "$ERRNOS" load_special undo_load_special
}

special_target_coming() {
	load test_klp_special_base
	enable test_klp_special
	"$1" klp_module_coming
	walk "$ERRNOS" load_special_target undo_load_special_target
}

# A module that goes cannot be told to stay: no failure may be one of the whole.
target_going() {
	load "$TARGET"
	enable test_klp_patch_a funcs="$FUNCS"
	enable test_klp_patch_b funcs="$VALUE"
	"$1" klp_module_going
	walk "" unload_target undo_unload_target
}

coming_in_transition() {
	enable test_klp_patch_b funcs="$VALUE"
	begin_patching "$TARGET:klp_target_other"
	"$1" klp_module_coming
	walk "$ERRNOS" load_target undo_load_target
	release
	wait_until transition_done test_klp_patch_a
}

going_in_transition() {
	load "$TARGET"
	enable test_klp_patch_b funcs="$VALUE"
	begin_patching "$TARGET:klp_target_other"
	"$1" klp_module_going
	walk "" unload_target undo_unload_target
	release
	wait_until transition_done test_klp_patch_a
}

# All allocations of fork, which may say that it should be tried again.
forking_in_transition() {
	begin_patching cmdline_proc_show
	fail_memory
	walk "$ENOMEM 11" fork_a_child undo_nothing
	expect "$PATCH/transition" 1
	release
	wait_until transition_done test_klp_patch_a
	expect /proc/cmdline "a: this has been live patched"
}

# shadow HOW: without memory for it there is no variable, and no constructor runs. What
# others than the core allocate below may fail, too; that can be done without.
shadow() {
	MADE=0
	NOT_MADE=0
	load test_klp_shadow
	fail_memory "klp_shadow_$1"
	walk "" "$1_variable" undo_variable
	expect_equal "calls without a variable" 1 "$NOT_MADE"
	expect "$SHADOW/constructed" "$MADE"
	expect "$SHADOW/destroyed" "$MADE"
}

# stalled_read FUNCTION: more tasks than there is room for at first.
stalled_read() {
	begin_patching "" 100
	fail_memory "$1"
	walk "$ENOMEM" read_stalled undo_nothing
	release
	wait_until transition_done test_klp_patch_a
}

# One failure is not enough when there is another way to get the memory.
stalled_unread() {
	local error

	begin_patching "" 100
	first_fail -1 stalled_start
	if error=$(cat "$PATCH/stalled" 2>&1); then
		fail "it can be read without memory"
	fi
	[[ $error = *"${KLP_ERROR[ENOMEM]}"* ]] || fail "reading gave: $error, expected: ENOMEM"
	end_of_failures
	expect_equal "tasks that are waited for" 100 "$(grep -c klp_parked/ "$PATCH/stalled")"
	release
	wait_until transition_done test_klp_patch_a
}

# Cold parts of the kernel's functions are looked up once in a boot, and likewise.
cold_parts_unfound() {
	local error

	first_fail 1000 add_cold_func
	if error=$(load test_klp_patch_a funcs=cmdline_proc_show 2>&1); then
		! is "$KLP_FAILSLAB/times" 1000 || skip "they have been looked up before"
		fail "it was loaded without them"
	fi
	[[ $error = *"${KLP_ERROR[ENOMEM]}" ]] || fail "loading gave: $error"
	wait_until gone /sys/module/test_klp_patch_a
	end_of_failures
	enable test_klp_patch_a funcs=cmdline_proc_show
	expect /proc/cmdline "a: this has been live patched"
}

klp_run \
	"no memory at all: cold parts are looked up" cold_parts_unfound \
	"no memory: a livepatch is checked" "loading memory klp_check_elf" \
	"no memory: it is relocated" "loading memory klp_apply_section_relocs" \
	"no memory: its tables are kept" "loading memory copy_module_elf" \
	"no memory: it is relocated late" "loading memory klp_enable_patch" \
	"no memory: enabling" "enabling memory" \
	"no memory: replacing" "replacing memory" \
	"no memory: disabling" "disabling memory" \
	"no memory: reversing" "reversing memory" \
	"no memory: a target comes" "target_coming memory" \
	"no memory: enabling, with special sections that wait" "enabling_special memory" \
	"no memory: a target comes that special sections wait for" \
		"special_target_coming memory" \
	"no memory: a target goes" "target_going memory" \
	"no memory: a target comes during a transition" "coming_in_transition memory" \
	"no memory: a target goes during a transition" "going_in_transition memory" \
	"no memory: fork during a transition" forking_in_transition \
	"no memory: a shadow variable is made" "shadow alloc" \
	"no memory: one is made unless it is there" "shadow get_or_alloc" \
	"no memory: opening stalled" "stalled_read stalled_open" \
	"no memory: reading stalled" "stalled_read stalled_start" \
	"no memory at all: reading stalled" stalled_unread \
	"a call fails: loading" "loading functions" \
	"a call fails: enabling" "enabling functions" \
	"a call fails: replacing" "replacing functions" \
	"a call fails: disabling" "disabling functions" \
	"a call fails: reversing" "reversing functions" \
	"a call fails: a target comes" "target_coming functions" \
	"a call fails: enabling, with special sections that wait" "enabling_special functions" \
	"a call fails: a target comes that special sections wait for" \
		"special_target_coming functions" \
	"a call fails: a target comes during a transition" "coming_in_transition functions" \
	"a call fails: a target goes during a transition" "going_in_transition functions"
