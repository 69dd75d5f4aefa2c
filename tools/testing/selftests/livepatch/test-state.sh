#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# System states: who can follow on whom, and what is handed over.

. "$(dirname "$0")/klp.sh"

FUNCS=cmdline_proc_show

# expect_states PATCH LINE...: what the pre-patch callback found.
expect_states() {
	local patch=$1

	shift
	expect_equal "states" "$(printf '%s\n' "$@")" \
		"$(grep ^state "/sys/module/$patch/parameters/calls")"
}

# refused PATCH PARAMETER=VALUE...: as incompatible, and nothing has changed.
refused() {
	local before

	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused EINVAL "$@"
	expect_unchanged afterwards "$before"
	expect_log "$1"
}

first() {
	enable test_klp_patch_a funcs="$FUNCS" callbacks=1 states=1:5,2:1
	expect_states test_klp_patch_a "state 1 version 5 after 0, owner 0" \
		"state 2 version 1 after 0, owner 0"
}

newer_version() {
	enable test_klp_patch_a funcs="$FUNCS" callbacks=1 states=1:1
	enable test_klp_patch_b funcs="$FUNCS" callbacks=1 states=1:2,3:1 replace=1
	expect_states test_klp_patch_b "state 1 version 2 after 1, owner 1" \
		"state 3 version 1 after 0, owner 0"
}

same_version() {
	enable test_klp_patch_a funcs="$FUNCS" callbacks=1 states=1:1
	enable test_klp_patch_b funcs="$FUNCS" callbacks=1 states=1:1 replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	unload test_klp_patch_a
	enable test_klp_patch_a funcs="$FUNCS" callbacks=1 states=1:1 replace=1
	expect_states test_klp_patch_a "state 1 version 1 after 1, owner 2"
}

older_version() {
	enable test_klp_patch_a funcs="$FUNCS" states=1:2
	refused test_klp_patch_b funcs="$FUNCS" states=1:1 replace=1
	refused test_klp_patch_b funcs="$FUNCS" states=1:1
	expect /proc/cmdline "a: this has been live patched"
	enable test_klp_patch_b funcs="$FUNCS" states=1:2 replace=1
	expect /proc/cmdline "b: this has been live patched"
}

# Who takes the place of another must know what that one has changed.
unknown_state() {
	enable test_klp_patch_a funcs="$FUNCS" states=1:1,2:1
	refused test_klp_patch_b funcs="$FUNCS" states=1:1 replace=1
	refused test_klp_patch_b funcs="$FUNCS" replace=1
	enable test_klp_patch_b funcs="$FUNCS" states=2:1,1:1 replace=1
}

# Who only stacks need not.
unknown_state_below() {
	enable test_klp_patch_a funcs="$FUNCS" states=1:1
	enable test_klp_patch_b funcs="$FUNCS" states=2:1
	enable test_klp_patch_c funcs="$FUNCS"
	expect /proc/cmdline "c: this has been live patched"
}

# All livepatches count, not only the last.
deep_in_the_stack() {
	enable test_klp_patch_a funcs="$FUNCS" states=1:3
	enable test_klp_patch_b funcs="$FUNCS" states=2:1
	refused test_klp_patch_c funcs="$FUNCS" states=1:2
	refused test_klp_patch_c funcs="$FUNCS" states=2:1 replace=1
	enable test_klp_patch_c funcs="$FUNCS" callbacks=1 states=1:3,2:2 replace=1
	expect_states test_klp_patch_c "state 1 version 3 after 3, owner 1" \
		"state 2 version 2 after 1, owner 1"
}

# A livepatch that was disabled leaves no state behind.
forgotten() {
	enable test_klp_patch_a funcs="$FUNCS" states=1:2
	remove test_klp_patch_a
	enable test_klp_patch_b funcs="$FUNCS" callbacks=1 states=1:1 replace=1
	expect_states test_klp_patch_b "state 1 version 1 after 0, owner 0"
}

klp_run \
	"states of the first livepatch" first \
	"a newer version follows" newer_version \
	"the same version follows" same_version \
	"an older version is refused" older_version \
	"a replacement that does not know a state is refused" unknown_state \
	"a livepatch on top need not know a state" unknown_state_below \
	"states of all livepatches count" deep_in_the_stack \
	"a disabled livepatch has no states" forgotten
