#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: kernel.modules_disabled, which is for good.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/tap.sh"
modules=$TESTS/ours/lib/livepatch
PATCH=/sys/kernel/livepatch/test_klp_patch_a

settled() {
	[ "$(cat "$PATCH/transition" 2>/dev/null)" = 0 ]
}

gone() {
	[ ! -e "$PATCH" ]
}

cmdline_is_patched() {
	[ "$(cat /proc/cmdline)" = "a: this has been live patched" ]
}

before() {
	insmod "$modules/test_klp_patch_a.ko" funcs=cmdline_proc_show && wait_for settled &&
		cmdline_is_patched
}

none_comes() {
	local error

	echo 1 >/proc/sys/kernel/modules_disabled
	if error=$(insmod "$modules/test_klp_patch_b.ko" funcs=cmdline_proc_show 2>&1); then
		echo "it was loaded"
		return 1
	fi
	echo "$error"
	[[ $error = *"Operation not permitted"* ]] && [ ! -e /sys/module/test_klp_patch_b ]
}

# Not to come back: its module cannot be loaded again.
one_goes() {
	echo 0 >"$PATCH/enabled" && wait_for gone && ! cmdline_is_patched || return
	if rmmod test_klp_patch_a; then
		echo "its module could be removed"
		return 1
	fi
}

case_of "a livepatch is let in" before
case_of "none is let in where modules are disabled" none_comes
case_of "the one that is there can be disabled, but not removed" one_goes
