#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Livepatches that must be refused: with the right errno, a line in the log that
# says what was wrong with what, and nothing left behind.

. "$(dirname "$0")/klp.sh"

TARGET=test_klp_target
VALUE=$TARGET:klp_target_value

# refused "WORD..." ERRNO MODULE [PARAMETER=VALUE...]: a line of the log has all
# the words. Afterwards a livepatch without the mistake can be loaded.
refused() {
	local before words=$1

	shift
	loaded "$TARGET" || load "$TARGET"
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused "$@"
	expect_unchanged afterwards "$before"
	expect_target value original
	# shellcheck disable=SC2086	# one word each
	expect_log $words

	enable test_klp_patch_a funcs="$VALUE"
	expect_target value a
	remove test_klp_patch_a
	expect_target value original
}

null_patch() {
	refused "livepatch: without description" EINVAL test_klp_badinput mistake=null-patch
}

null_mod() {
	refused "test_klp_badinput without module" EINVAL test_klp_badinput mistake=null-mod
}

null_objs() {
	refused "test_klp_badinput no objects" EINVAL test_klp_badinput mistake=null-objs
}

null_funcs() {
	refused "test_klp_badinput $TARGET no array" EINVAL test_klp_badinput mistake=null-funcs
}

same_object() {
	refused "test_klp_badinput $TARGET twice" EINVAL test_klp_badinput mistake=same-object
}

unmarked() {
	refused test_klp_unmarked EINVAL test_klp_unmarked
	expect_log test_klp_unmarked "is not marked"
}

before_init() {
	refused "test_klp_badinput before init function" EINVAL test_klp_badinput early=1
}

no_old_name() {
	refused "test_klp_badinput $TARGET no old_name" EINVAL test_klp_badinput mistake=no-old-name
}

no_new_func() {
	refused "test_klp_badinput $TARGET klp_target_other no new_func" \
		EINVAL test_klp_badinput mistake=no-new-func
}

# misplaced MISTAKE: the new function is not where those of the livepatch are.
misplaced() {
	refused "test_klp_badinput $TARGET klp_target_value not in the livepatch" \
		EINVAL test_klp_badinput mistake="$1"
}

misplaced_in_init() {
	[ "$(uname -m)" != ppc64le ] || skip "init sections of modules stay on this architecture"
	misplaced init-func
}

# It is in use already, and stays so: tasks may be in it.
failing_init() {
	load "$TARGET"
	log_mark
	load test_klp_patch_a funcs="$VALUE" fail=5
	wait_until transition_done test_klp_patch_a
	expect_log test_klp_patch_a "init failed (-5)" "stays loaded"
	expect_target value a
	remove test_klp_patch_a
	expect_target value original
}

empty_object() {
	refused "test_klp_patch_a '' cannot name" EINVAL test_klp_patch_a funcs=:klp_target_value
}

vmlinux_spelled_out() {
	refused "test_klp_patch_a 'vmlinux' cannot name" EINVAL test_klp_patch_a \
		funcs=vmlinux:cmdline_proc_show
}

# These are what the livepatch has in its directory itself.
named_like_a_file() {
	local name

	for name in enabled stalled; do
		refused "test_klp_patch_a '$name' cannot name" EINVAL test_klp_patch_a \
			funcs="$name:some_function"
	done
}

named_like_a_path() {
	refused "test_klp_patch_a 'some/where' cannot name" EINVAL test_klp_patch_a \
		funcs=some/where:some_function
}

# 55 characters are a module's name, 56 are not.
long_object() {
	local name

	name=$(printf 'm%.0s' {1..56})
	refused "test_klp_patch_a '$name' cannot name" EINVAL test_klp_patch_a \
		funcs="$name:some_function"
	enable test_klp_patch_a funcs="${name%m}:some_function"
}

long_function() {
	refused "test_klp_patch_a $TARGET" EINVAL test_klp_patch_a \
		funcs="$TARGET:$(printf 'f%.0s' {1..512})"
}

unknown() {
	refused "test_klp_patch_a $TARGET klp_target_nothing" EINVAL test_klp_patch_a \
		funcs="$VALUE,$TARGET:klp_target_nothing"
}

unknown_in_vmlinux() {
	refused "test_klp_patch_a vmlinux klp_target_value" EINVAL test_klp_patch_a \
		funcs="cmdline_proc_show,klp_target_value"
}

ambiguous() {
	refused "test_klp_patch_a $TARGET klp_target_twin" EINVAL test_klp_patch_a \
		funcs="$VALUE,$TARGET:klp_target_twin"
}

past_the_last() {
	refused "test_klp_patch_a $TARGET klp_target_twin" EINVAL test_klp_patch_a \
		funcs="$VALUE,$TARGET:klp_target_twin@3"
}

# Far past anything; 2^32 + 1 must not be taken for 1.
far_past_the_last() {
	refused "test_klp_patch_a $TARGET klp_target_twin" EINVAL test_klp_patch_a \
		funcs="$TARGET:klp_target_twin@4294967297"
}

untraced() {
	refused "test_klp_patch_a $TARGET klp_target_untraced" EINVAL test_klp_patch_a \
		funcs="$VALUE,$TARGET:klp_target_untraced"
}

same_function() {
	refused "test_klp_patch_a $TARGET klp_target_value" EINVAL test_klp_patch_a \
		funcs="$VALUE,$VALUE"
}

# Positions 0 and 1 are the same when there is only one.
same_function_by_position() {
	refused "test_klp_patch_a $TARGET klp_target_value" EINVAL test_klp_patch_a \
		funcs="$VALUE,$VALUE@1"
}

# Functions that are only looked for, see test_klp_patch.h: %OLD@POSITION/NEW.

looked_for_with_new_func() {
	refused "test_klp_badinput $TARGET klp_target_value" \
		EINVAL test_klp_badinput mistake=new-func
}

redirected_with_new_name() {
	refused "test_klp_badinput $TARGET klp_target_value" \
		EINVAL test_klp_badinput mistake=new-name
}

# looked_for_refused "WORD..." FUNCTION...: after one that is right.
looked_for_refused() {
	local words=$1 funcs=$VALUE function

	shift
	for function; do
		funcs+=,$function
	done
	refused "test_klp_patch_a $words" EINVAL test_klp_patch_a funcs="$funcs"
}

looked_for_nameless() {
	looked_for_refused "$TARGET" "$TARGET:%"
	looked_for_refused "$TARGET new_function" "$TARGET:%@2/new_function"
}

looked_for_by_bad_name() {
	local name

	name=$(printf 'f%.0s' {1..512})
	looked_for_refused "$TARGET klp_target_other" "$TARGET:%klp_target_other/"
	looked_for_refused "$TARGET klp_target_other" "$TARGET:%klp_target_other/$name"
	looked_for_refused "$TARGET" "$TARGET:%$name/new_function"
}

looked_for_unknown() {
	looked_for_refused "$TARGET klp_target_nothing" "$TARGET:%klp_target_nothing"
	looked_for_refused "vmlinux klp_target_other" "%klp_target_other"
	looked_for_refused new_nothing "$TARGET:%klp_target_other/new_nothing"
	looked_for_refused new_nothing "$TARGET:%/new_nothing"
}

looked_for_ambiguous() {
	looked_for_refused "$TARGET klp_target_twin" "$TARGET:%klp_target_twin"
	looked_for_refused "$TARGET klp_target_twin" "$TARGET:%klp_target_twin@3"
}

looked_for_data() {
	looked_for_refused "$TARGET klp_target_dir" "$TARGET:%klp_target_dir"
	looked_for_refused "vmlinux init_task" "%init_task"
	looked_for_refused "$TARGET all_objects" "$TARGET:%/all_objects"
}

looked_for_twice() {
	looked_for_refused "$TARGET klp_target_other" "$TARGET:%klp_target_other" \
		"$TARGET:%klp_target_other@1/new_function"
	looked_for_refused "$TARGET new_function" "$TARGET:%/new_function" \
		"$TARGET:%/new_function"
}

looked_for_and_redirected() {
	looked_for_refused "$TARGET klp_target_value" "$TARGET:%klp_target_value"
}

looked_for_always_found() {
	looked_for_refused "vmlinux schedule" "%schedule"
}

incompatible_state() {
	enable test_klp_patch_b funcs=cmdline_proc_show states=1:2
	refused test_klp_patch_a EINVAL test_klp_patch_a funcs="$VALUE" states=1:1
}

# held_refused FUNCTION: of several, wherever it stands among them.
held_refused() {
	# The messages are those that users know: a line each for function, object and patch.
	local funcs=$VALUE,$TARGET:klp_target_other,$TARGET:klp_target_first

	load test_klp_kprobe symbol="$1" post=1
	log_mark
	load_refused EBUSY test_klp_patch_b funcs="$funcs"
	expect_log "$1"
	expect_log "$TARGET"
	expect_log test_klp_patch_b
	unload test_klp_kprobe
}

held_by_kprobe() {
	local before funcs=$VALUE,$TARGET:klp_target_other

	has_symbol register_kprobe || skip "this kernel has no kprobes"
	load "$TARGET"
	snapshot
	before=$SNAPSHOT
	held_refused klp_target_value
	held_refused klp_target_other
	held_refused klp_target_first
	expect_unchanged afterwards "$before"
	load test_klp_kprobe symbol=klp_target_other post=1
	refused klp_target_other EBUSY test_klp_patch_b funcs="$funcs"
}

# And others are redirected already.
held_beside_others() {
	local before

	has_symbol register_kprobe || skip "this kernel has no kprobes"
	load "$TARGET"
	enable test_klp_patch_a funcs=cmdline_proc_show
	snapshot
	before=$SNAPSHOT
	held_refused klp_target_value
	held_refused klp_target_other
	held_refused klp_target_first
	expect_unchanged afterwards "$before"
	expect /proc/cmdline "a: this has been live patched"
}

ftrace_disabled() {
	local before

	load "$TARGET"
	defer write 1 /proc/sys/kernel/ftrace_enabled
	write 0 /proc/sys/kernel/ftrace_enabled
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused EBUSY test_klp_patch_a funcs="$VALUE"
	expect_unchanged afterwards "$before"
	expect_log test_klp_patch_a
	write 1 /proc/sys/kernel/ftrace_enabled
	enable test_klp_patch_a funcs="$VALUE"
	expect_target value a
}

# Then it is the target that is refused, and the livepatch that stays.
unknown_later() {
	local before

	enable test_klp_patch_a funcs="cmdline_proc_show,$VALUE,$TARGET:klp_target_nothing"
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused EINVAL "$TARGET"
	expect_unchanged afterwards "$before"
	expect "$KLP_SYSFS/test_klp_patch_a/$TARGET/patched" 0
	expect /proc/cmdline "a: this has been live patched"
	expect_log test_klp_patch_a "$TARGET" klp_target_nothing
	remove test_klp_patch_a
	load "$TARGET"
	expect_target value original
}

removed_while_enabled() {
	load "$TARGET"
	enable test_klp_patch_a funcs="$VALUE"
	if rmmod test_klp_patch_a 2> /dev/null; then
		fail "an enabled livepatch was removed"
	fi
	expect_target value a
}

# The first call is right, and the livepatch works in spite of the second.
# enabled_twice MISTAKE
enabled_twice() {
	load "$TARGET"
	log_mark
	load test_klp_badinput mistake="$1"
	expect /sys/module/test_klp_badinput/parameters/second -22
	expect_log test_klp_badinput "enabled before"
	wait_until transition_done test_klp_badinput
	remove test_klp_badinput
	expect_target value original
}

klp_run \
	"no patch" null_patch \
	"no module" null_mod \
	"no objects" null_objs \
	"no functions" null_funcs \
	"an object that appears twice" same_object \
	"a module that is not marked as a livepatch" unmarked \
	"enabled by a parameter of the module that is being loaded" before_init \
	"a function without old_name" no_old_name \
	"a function without new_func" no_new_func \
	"a new_func that is not the livepatch's" "misplaced foreign-func" \
	"a new_func in the livepatch's init section" misplaced_in_init \
	"an init function that fails when the livepatch is enabled" failing_init \
	"an object with an empty name" empty_object \
	"an object called vmlinux" vmlinux_spelled_out \
	"an object called like a file of the livepatch" named_like_a_file \
	"an object with a slash in its name" named_like_a_path \
	"an object with too long a name" long_object \
	"a function with too long a name" long_function \
	"an unknown function" unknown \
	"an unknown function of vmlinux" unknown_in_vmlinux \
	"an ambiguous function" ambiguous \
	"a position past the last" past_the_last \
	"a position far past the last" far_past_the_last \
	"a function that ftrace cannot trace" untraced \
	"the same function twice" same_function \
	"the same function by position 0 and 1" same_function_by_position \
	"a function that is looked for, with new_func" looked_for_with_new_func \
	"a function that is redirected, with new_name" redirected_with_new_name \
	"a function that is looked for by no name" looked_for_nameless \
	"a function that is looked for by an empty or too long name" looked_for_by_bad_name \
	"an unknown function that is looked for" looked_for_unknown \
	"an ambiguous function that is looked for" looked_for_ambiguous \
	"data that is looked for" looked_for_data \
	"the same function looked for twice" looked_for_twice \
	"a function that is redirected and looked for" looked_for_and_redirected \
	"a function that every task is in is looked for" looked_for_always_found \
	"an incompatible state" incompatible_state \
	"a function that a kprobe holds" held_by_kprobe \
	"a function that a kprobe holds, with another livepatch" held_beside_others \
	"ftrace is disabled" ftrace_disabled \
	"an unknown function of a target that comes later" unknown_later \
	"an enabled livepatch cannot be removed" removed_while_enabled \
	"enabling twice" "enabled_twice twice" \
	"enabling another one of the same module" "enabled_twice two-patches"
