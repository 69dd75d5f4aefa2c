#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: samples load, do what they are for, and go away; those of the base tree,
# unmodified, and ours:
#
#   samples.sh stock|ours|''
#
# Some of ours are tried elsewhere, by test-late-samples and by the demo.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/livepatch.sh"
declare -A DIRECTORIES=([stock]=$TESTS/stock-samples [ours]=$TESTS/ours/samples/livepatch)

load_patch() {
	insmod "$1.ko" && wait_for settled "${1//-/_}"
}

# parameter MODULE NAME
parameter() {
	cat "/sys/module/${1//-/_}/parameters/$2"
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

# shadow_told LIVEPATCH TEXT: that one of these samples has told the log so since it was last
# cleared.
shadow_told() {
	dmesg | grep -q "livepatch_shadow_$1: .*$2" && return
	echo "livepatch_shadow_$1 has not told: $2"
	return 1
}

looked_through() {
	dmesg | grep -q "cleanup_work_func: "
}

# attached: the one to which the first livepatch has attached something last.
attached() {
	dmesg | sed -n 's/.*livepatch_shadow_fix1: .*alloc: dummy @ \([0-9a-f]*\),.*/\1/p' | tail -n 1
}

# Two patches that extend, one after the other, the data of a module at work. The second
# finds what the first has attached, and when the module goes frees it; when the first goes
# it frees what is left. That module makes something each second, and looks through all of
# it each third.
stock_shadow_variables() {
	local dummy

	dmesg -c >/dev/null
	insmod livepatch-shadow-mod.ko && load_patch livepatch-shadow-fix1 &&
		wait_for shadow_told fix1 "alloc: dummy" >/dev/null || return
	dummy=$(attached)
	load_patch livepatch-shadow-fix2 || return
	dmesg -c >/dev/null
	wait_for looked_through && rmmod livepatch-shadow-mod || return
	shadow_told fix2 "dtor: dummy @ $dummy, prevented leak" &&
		shadow_told fix2 "free: dummy @ $dummy, check counter = [1-9]" || return
	dmesg -c >/dev/null
	insmod livepatch-shadow-mod.ko &&
		wait_for shadow_told fix1 "alloc: dummy" >/dev/null &&
		unload_patch livepatch-shadow-fix2 || return
	dummy=$(attached)
	unload_patch livepatch-shadow-fix1 &&
		shadow_told fix1 "dtor: dummy @ $dummy, prevented leak" || return
	rmmod livepatch-shadow-mod
}

# The second replaces the first while sessions are open that only the first knows. A session
# begins each second; when the module goes all of them end. The second makes two notes of
# each that it has opened, and one of each that it has taken over.
our_shadow_variables() {
	local freed notes

	insmod livepatch-shadow-mod.ko && load_patch livepatch-shadow-fix1 || return
	sleep 1.5
	load_patch livepatch-shadow-fix2 &&
		wait_for gone livepatch_shadow_fix1 &&
		wait_for rmmod livepatch-shadow-fix1 || return
	sleep 1.5
	rmmod livepatch-shadow-mod || return
	freed=$(parameter livepatch-shadow-fix2 journals_freed)
	notes=$(parameter livepatch-shadow-fix2 notes)
	echo "$freed journals freed, $notes notes"
	[ $((notes - freed)) -ge 1 ] || { echo "no session of its own"; return 1; }
	[ $((2 * freed - notes)) -ge 1 ] || { echo "no session was taken over"; return 1; }
	unload_patch livepatch-shadow-fix2
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

stock_callbacks() {
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

# told STATE: the callbacks that have told the log of the module in that state, in order.
told() {
	dmesg | sed -n "s/.*livepatch_callbacks_demo: \(.*\): livepatch_callbacks_mod, $1.*/\1/p" |
		tr '\n' ' '
}

expect_told() {
	[ "$(told "$1")" = "$2" ] && return
	echo "of a module that is $1: $(told "$1")instead of $2"
	return 1
}

# While the module is there, goes, and comes.
our_callbacks() {
	insmod livepatch-callbacks-mod.ko && load_patch livepatch-callbacks-demo || return
	callbacks_run pre_patch vmlinux && callbacks_run post_patch vmlinux || return
	[ "$(cat /proc/cmdline)" = "patched together with a callback" ] || { echo "not patched"; return 1; }
	expect_told live "pre_patch post_patch " || return
	rmmod livepatch-callbacks-mod && expect_told going "pre_unpatch post_unpatch " || return
	insmod livepatch-callbacks-mod.ko && expect_told coming "pre_patch post_patch " || return
	unload_patch livepatch-callbacks-demo || return
	callbacks_run pre_unpatch vmlinux && callbacks_run post_unpatch vmlinux || return
	expect_told live "pre_patch post_patch pre_unpatch post_unpatch " || return
	rmmod livepatch-callbacks-mod
}

# An error of a callback is that of the livepatch, or of the module that comes.
refusing_callbacks() {
	! insmod livepatch-callbacks-demo.ko refuse=vmlinux 2>/dev/null || return
	gone livepatch_callbacks_demo || { echo "refused, and there"; return 1; }
	insmod livepatch-callbacks-demo.ko refuse=livepatch_callbacks_mod || return
	wait_for settled livepatch_callbacks_demo || return
	! insmod livepatch-callbacks-mod.ko 2>/dev/null || return
	unload_patch livepatch-callbacks-demo
}

# case_from SET COMMAND NAME: in the directory of these samples, if they are to be tried.
case_from() {
	[ -z "$only_set" ] || [ "$only_set" = "$1" ] || return 0
	cd "${DIRECTORIES[$1]}" || exit
	case_of "$1: $3" "$2"
}

only_set=$1
[ -z "$only_set" ] || [ -n "${DIRECTORIES[$only_set]-}" ] || not_ok "there are no samples $only_set"
# First: nothing else must be forgotten with what it loses.
case_from stock stock_shadow_variables "livepatch-shadow-mod, -fix1, -fix2"
case_from ours our_shadow_variables "livepatch-shadow-mod, -fix1, -fix2"
forget_leaks
case_from stock sample "livepatch-sample"
case_from ours sample "livepatch-sample"
case_from stock stock_callbacks "livepatch-callbacks-demo, -mod, -busymod"
case_from ours our_callbacks "livepatch-callbacks-demo, -mod"
case_from ours refusing_callbacks "livepatch-callbacks-demo refuse=, -mod"
