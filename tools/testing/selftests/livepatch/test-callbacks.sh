#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Callbacks: which run, in which order, and in what state they find the module.

. "$(dirname "$0")/klp.sh"

TARGET=test_klp_target
VALUE=$TARGET:klp_target_value
PARK=test_klp_park:klp_park_kthread
PATCH=$KLP_SYSFS/test_klp_patch_a
LINGER=/sys/module/$TARGET/parameters/linger

# expect_calls PATCH CALL...: since the last time it was asked.
expect_calls() {
	local calls=/sys/module/$1/parameters/calls expected

	shift
	printf -v expected '%s\n' "$@"
	expect "$calls" "${expected%$'\n'}"
	write "" "$calls"
}

# expect_logged PATCH CALL...: since the mark; also of a livepatch that was refused.
expect_logged() {
	expect_equal "callbacks" "$(printf '%s\n' "${@:2}")" \
		"$(log_since_mark | sed -nE "s/^.*\\] $1: ((pre|post)_(un)?patch .*)/\\1/p")"
}

target_is_loaded() {
	load "$TARGET"
	enable test_klp_patch_a callbacks=1 funcs="cmdline_proc_show,$VALUE"
	expect_calls test_klp_patch_a "pre_patch vmlinux -" "pre_patch $TARGET live" \
		"post_patch vmlinux -" "post_patch $TARGET live"
	disable test_klp_patch_a
	expect_calls test_klp_patch_a "pre_unpatch vmlinux -" "pre_unpatch $TARGET live" \
		"post_unpatch vmlinux -" "post_unpatch $TARGET live"
}

target_is_away() {
	enable test_klp_patch_a callbacks=1 funcs="cmdline_proc_show,$VALUE"
	expect_calls test_klp_patch_a "pre_patch vmlinux -" "post_patch vmlinux -"
	disable test_klp_patch_a
	expect_calls test_klp_patch_a "pre_unpatch vmlinux -" "post_unpatch vmlinux -"
}

# stop_lingering: the target's init function or exit function goes on.
stop_lingering() {
	[ ! -e "$LINGER" ] || write 0 "$LINGER"
}

# The state of the module is that of one that comes, and yet it is in use.
init_is_running() {
	defer stop_lingering
	load_aside "$TARGET" linger=1
	wait_until [ -e "$KLP_DEBUGFS/$TARGET" ]
	enable test_klp_patch_a callbacks=1 funcs="$VALUE"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming" "post_patch $TARGET coming"
	expect_target value a
	disable test_klp_patch_a
	expect_calls test_klp_patch_a "pre_unpatch $TARGET coming" "post_unpatch $TARGET coming"
	expect_target value original
	expect "/sys/module/$TARGET/initstate" coming
	stop_lingering
	wait
	expect "/sys/module/$TARGET/initstate" live
}

# The same for one that goes; and then it is gone.
exit_is_running() {
	load "$TARGET"
	defer stop_lingering
	write 1 "$LINGER"
	rmmod "$TARGET" &
	wait_until gone "$KLP_DEBUGFS/$TARGET"
	enable test_klp_patch_a callbacks=1 funcs="$VALUE"
	expect_calls test_klp_patch_a "pre_patch $TARGET going" "post_patch $TARGET going"
	expect_target value a
	disable test_klp_patch_a
	expect_calls test_klp_patch_a "pre_unpatch $TARGET going" "post_unpatch $TARGET going"
	unload test_klp_patch_a
	enable test_klp_patch_a callbacks=1 funcs="$VALUE"
	write "" /sys/module/test_klp_patch_a/parameters/calls
	expect "/sys/module/$TARGET/initstate" going
	stop_lingering
	wait
	gone "/sys/module/$TARGET" || fail "the target is still there"
	expect_calls test_klp_patch_a "pre_unpatch $TARGET going" "post_unpatch $TARGET going"
	expect "$PATCH/$TARGET/patched" 0
}

target_comes_and_goes() {
	enable test_klp_patch_a callbacks=1 funcs="$VALUE"
	expect_calls test_klp_patch_a ""
	load "$TARGET"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming" "post_patch $TARGET coming"
	unload "$TARGET"
	expect_calls test_klp_patch_a "pre_unpatch $TARGET going" "post_unpatch $TARGET going"
}

# The module is not live when it is prepared, but it is when everybody has switched.
comes_while_patching() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a callbacks=1 funcs="$PARK,$VALUE"
	expect_calls test_klp_patch_a "pre_patch test_klp_park live"
	load "$TARGET"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming"
	release
	wait_until transition_done test_klp_patch_a
	expect_calls test_klp_patch_a "post_patch test_klp_park live" "post_patch $TARGET live"
}

goes_while_patching() {
	load test_klp_park
	load "$TARGET"
	park_kthreads 1
	load test_klp_patch_a callbacks=1 funcs="$PARK,$VALUE"
	expect_calls test_klp_patch_a "pre_patch test_klp_park live" "pre_patch $TARGET live"
	unload "$TARGET"
	expect_calls test_klp_patch_a "post_unpatch $TARGET going"
	release
	wait_until transition_done test_klp_patch_a
	expect_calls test_klp_patch_a "post_patch test_klp_park live"
}

comes_while_unpatching() {
	load test_klp_park
	enable test_klp_patch_a callbacks=1 funcs="$PARK,$VALUE"
	park_kthreads 1
	write "" /sys/module/test_klp_patch_a/parameters/calls
	write 0 "$PATCH/enabled"
	expect_calls test_klp_patch_a "pre_unpatch test_klp_park live"
	load "$TARGET"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming"
	release
	wait_until gone "$PATCH"
	expect_calls test_klp_patch_a "post_unpatch test_klp_park live" "post_unpatch $TARGET live"
}

# It was prepared on the way back, and stays patched.
comes_before_reversing() {
	load test_klp_park
	enable test_klp_patch_a callbacks=1 funcs="$PARK,$VALUE"
	park_kthreads 1
	write 0 "$PATCH/enabled"
	load "$TARGET"
	write "" /sys/module/test_klp_patch_a/parameters/calls
	write 1 "$PATCH/enabled"
	wait_until transition_done test_klp_patch_a
	expect_calls test_klp_patch_a "post_patch test_klp_park live" "post_patch $TARGET live"
	expect_target value a
}

goes_while_unpatching() {
	load test_klp_park
	load "$TARGET"
	enable test_klp_patch_a callbacks=1 funcs="$PARK,$VALUE"
	park_kthreads 1
	write "" /sys/module/test_klp_patch_a/parameters/calls
	write 0 "$PATCH/enabled"
	expect_calls test_klp_patch_a "pre_unpatch test_klp_park live" "pre_unpatch $TARGET live"
	unload "$TARGET"
	expect_calls test_klp_patch_a "post_unpatch $TARGET going"
	release
	wait_until gone "$PATCH"
	expect_calls test_klp_patch_a "post_unpatch test_klp_park live"
}

# Post-patch did not run, so there is nothing that pre-unpatch could undo.
reversed_while_patching() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a callbacks=1 funcs="$PARK"
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"
	expect_calls test_klp_patch_a "pre_patch test_klp_park live" "post_unpatch test_klp_park live"
}

reversed_while_unpatching() {
	load test_klp_park
	enable test_klp_patch_a callbacks=1 funcs="$PARK"
	park_kthreads 1
	write "" /sys/module/test_klp_patch_a/parameters/calls
	write 0 "$PATCH/enabled"
	write 1 "$PATCH/enabled"
	wait_until transition_done test_klp_patch_a
	expect_calls test_klp_patch_a "pre_unpatch test_klp_park live" "post_patch test_klp_park live"
}

# Callbacks do not need a function to go with them.
without_functions() {
	load "$TARGET"
	enable test_klp_patch_a callbacks=1 funcs="$TARGET:"
	expect "$PATCH/$TARGET/patched" 1
	expect_calls test_klp_patch_a "pre_patch $TARGET live" "post_patch $TARGET live"
	unload "$TARGET"
	expect_calls test_klp_patch_a "pre_unpatch $TARGET going" "post_unpatch $TARGET going"
	load "$TARGET"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming" "post_patch $TARGET coming"
	disable test_klp_patch_a
	expect_calls test_klp_patch_a "pre_unpatch $TARGET live" "post_unpatch $TARGET live"
}

# The livepatch is refused; of three objects the second says no.
vetoed_livepatch() {
	local before funcs=cmdline_proc_show,$VALUE,$PARK

	load "$TARGET"
	load test_klp_park
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused ENODEV test_klp_patch_a callbacks=1 veto="$TARGET" funcs="$funcs"
	expect_unchanged afterwards "$before"
	expect_target value original
	expect_logged test_klp_patch_a "pre_patch vmlinux -" "pre_patch $TARGET live" \
		"post_unpatch vmlinux -"
	enable test_klp_patch_a callbacks=1 funcs="$funcs"
	expect_target value a
}

# The module is refused, and the livepatch goes on without it.
vetoed_target() {
	enable test_klp_patch_a callbacks=1 veto="$TARGET" funcs="cmdline_proc_show,$VALUE"
	write "" /sys/module/test_klp_patch_a/parameters/calls
	load_refused ENODEV "$TARGET"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming"
	expect "$PATCH/$TARGET/patched" 0
	expect "$PATCH/vmlinux/patched" 1
	expect /proc/cmdline "a: this has been live patched"

	write "" /sys/module/test_klp_patch_a/parameters/veto
	load "$TARGET"
	expect_target value a
	expect_calls test_klp_patch_a "pre_patch $TARGET coming" "post_patch $TARGET coming"
}

# Two livepatches, and the second says no: the first must let go again.
vetoed_by_the_second() {
	enable test_klp_patch_a callbacks=1 funcs="$VALUE"
	enable test_klp_patch_b callbacks=1 veto="$TARGET" funcs="$VALUE"
	load_refused ENODEV "$TARGET"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming" "post_patch $TARGET coming" \
		"pre_unpatch $TARGET coming" "post_unpatch $TARGET coming"
	expect_calls test_klp_patch_b "pre_patch $TARGET coming"
	expect "$PATCH/$TARGET/patched" 0
	remove test_klp_patch_b
	load "$TARGET"
	expect_target value a
}

vetoed_while_patching() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a callbacks=1 veto="$TARGET" funcs="$PARK,$VALUE"
	load_refused ENODEV "$TARGET"
	expect "$PATCH/transition" 1
	write "" /sys/module/test_klp_patch_a/parameters/calls
	release
	wait_until transition_done test_klp_patch_a
	expect_calls test_klp_patch_a "post_patch test_klp_park live"
}

# All is up to the new livepatch; of the replaced one no callback runs.
replaced() {
	load "$TARGET"
	enable test_klp_patch_a callbacks=1 funcs="$VALUE"
	write "" /sys/module/test_klp_patch_a/parameters/calls
	enable test_klp_patch_b callbacks=1 replace=1 funcs="$VALUE"
	wait_until gone "$PATCH"
	expect_calls test_klp_patch_a ""
	expect_calls test_klp_patch_b "pre_patch $TARGET live" "post_patch $TARGET live"
}

# As long as the replaced one is enabled its callbacks are called as ever.
comes_and_goes_while_replacing() {
	load test_klp_park
	enable test_klp_patch_a callbacks=1 funcs="$PARK,$VALUE"
	write "" /sys/module/test_klp_patch_a/parameters/calls
	park_kthreads 1
	load test_klp_patch_b callbacks=1 replace=1 funcs="$VALUE"
	load "$TARGET"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming" "post_patch $TARGET coming"
	expect_calls test_klp_patch_b "pre_patch $TARGET coming"
	unload "$TARGET"
	expect_calls test_klp_patch_a "pre_unpatch $TARGET going" "post_unpatch $TARGET going"
	expect_calls test_klp_patch_b "post_unpatch $TARGET going"
	load "$TARGET"
	release
	wait_until gone "$PATCH"
	expect_calls test_klp_patch_a "pre_patch $TARGET coming" "post_patch $TARGET coming"
	expect_calls test_klp_patch_b "pre_patch $TARGET coming" "post_patch $TARGET live"
}

klp_run \
	"enabling and disabling, target loaded" target_is_loaded \
	"enabling and disabling, target not loaded" target_is_away \
	"enabling and disabling, target's init function is running" init_is_running \
	"enabling and disabling, target's exit function is running" exit_is_running \
	"enabled, target comes and goes" target_comes_and_goes \
	"patching transition, target comes" comes_while_patching \
	"patching transition, target goes" goes_while_patching \
	"unpatching transition, target comes" comes_while_unpatching \
	"unpatching transition that is reversed, target comes" comes_before_reversing \
	"unpatching transition, target goes" goes_while_unpatching \
	"patching transition is reversed" reversed_while_patching \
	"unpatching transition is reversed" reversed_while_unpatching \
	"object without functions" without_functions \
	"failing pre-patch refuses the livepatch" vetoed_livepatch \
	"failing pre-patch refuses the coming target" vetoed_target \
	"failing pre-patch of the second livepatch" vetoed_by_the_second \
	"failing pre-patch during a transition" vetoed_while_patching \
	"replaced livepatch is not called" replaced \
	"replacing transition, target comes and goes" comes_and_goes_while_replacing
