#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: the base tree's own samples, unmodified, load, do what they are
# for, and go away.

TESTS=$(dirname "$0")/..
. "$(dirname "$0")/tap.sh"
SYSFS=/sys/kernel/livepatch
cd "$TESTS/stock-samples" || exit 1

settled() {
	[ "$(cat "$SYSFS/$1/transition" 2>/dev/null)" = 0 ]
}

gone() {
	[ ! -e "$SYSFS/$1" ]
}

load_patch() {
	insmod "$1.ko" && wait_for settled "${1//-/_}"
}

# Disabling removes the sysfs directory before the last reference to the module
# is dropped.
unload_patch() {
	local patch=${1//-/_}

	echo 0 >"$SYSFS/$patch/enabled" && wait_for gone "$patch" &&
		wait_for rmmod "$1"
}

# "livepatch-sample" replaces what /proc/cmdline shows.
sample() {
	local patched="this has been live patched" original

	original=$(cat /proc/cmdline)
	load_patch livepatch-sample || return
	[ "$(cat /proc/cmdline)" = "$patched" ] || { echo "not patched"; return 1; }
	unload_patch livepatch-sample || return
	[ "$(cat /proc/cmdline)" = "$original" ] || { echo "not restored"; return 1; }
}

# Two patches that extend, one after the other, the data of a module at work.
shadow_variables() {
	insmod livepatch-shadow-mod.ko &&
		load_patch livepatch-shadow-fix1 &&
		load_patch livepatch-shadow-fix2 &&
		unload_patch livepatch-shadow-fix2 &&
		unload_patch livepatch-shadow-fix1 &&
		rmmod livepatch-shadow-mod
}

# The module of that sample loses memory each second until the first of the livepatches
# is there, which mends that. What it has lost by then is no finding.
forget_leaks() {
	local kmemleak=/sys/kernel/debug/kmemleak

	[ -e "$kmemleak" ] || return 0
	# An object counts when it is some seconds old, and at the second scan.
	sleep 6
	echo scan >"$kmemleak" && echo scan >"$kmemleak" && echo clear >"$kmemleak"
}

# callbacks_run WHAT OBJECT: the demo told the log that a callback ran.
callbacks_run() {
	dmesg | grep -q "livepatch_callbacks_demo: $1: $2" && return
	echo "no $1 for $2"
	return 1
}

callbacks() {
	insmod livepatch-callbacks-mod.ko &&
		insmod livepatch-callbacks-busymod.ko sleep_secs=0 &&
		load_patch livepatch-callbacks-demo || return
	callbacks_run pre_patch_callback vmlinux &&
		callbacks_run post_patch_callback livepatch_callbacks_mod || return
	unload_patch livepatch-callbacks-demo || return
	callbacks_run pre_unpatch_callback livepatch_callbacks_mod &&
		callbacks_run post_unpatch_callback vmlinux || return
	rmmod livepatch-callbacks-busymod && rmmod livepatch-callbacks-mod
}

# First: nothing else must be forgotten with what it loses.
case_of "livepatch-shadow-mod, -fix1, -fix2" shadow_variables
forget_leaks
case_of "livepatch-sample" sample
case_of "livepatch-callbacks-demo, -mod, -busymod" callbacks
