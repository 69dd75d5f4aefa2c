#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: what keeps modules out, step by step. No step can be taken back.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/livepatch.sh"
unsigned=$TESTS/ours/lib/livepatch
signed=$TESTS/signed

# cmdline_is VERSION: whose /proc/cmdline it is, "" for the kernel's own.
cmdline_is() {
	[ "$(grep -o '^[ab]: this has been live patched' /proc/cmdline)" = \
		"${1:+$1: this has been live patched}" ]
}

# let_in DIRECTORY LETTER
let_in() {
	insmod "$1/test_klp_patch_$2.ko" funcs=cmdline_proc_show &&
		wait_for settled "test_klp_patch_$2" && cmdline_is "$2"
}

disabled() {
	echo 0 >"$SYSFS/test_klp_patch_$1/enabled" && wait_for gone "test_klp_patch_$1" &&
		! cmdline_is "$1"
}

# kept_out MODULE-FILE ERROR
kept_out() {
	local error name

	if error=$(insmod "$1" 2>&1); then
		echo "it was loaded"
		return 1
	fi
	echo "$error"
	name=$(basename "$1" .ko)
	[[ $error = *"$2"* ]] && [ ! -e "/sys/module/$name" ] && gone "$name"
}

locked_down() {
	mount -t securityfs securityfs /sys/kernel/security
	echo integrity >/sys/kernel/security/lockdown
	kept_out "$unsigned/test_klp_patch_b.ko" "Operation not permitted"
}

signed_comes_and_goes() {
	let_in "$signed" b && disabled b && cmdline_is a && wait_for rmmod test_klp_patch_b
}

signature_wanted() {
	echo 1 >/sys/module/module/parameters/sig_enforce
	kept_out "$unsigned/test_klp_patch_b.ko" "Key was rejected by service"
}

# Of the same length, so that it would be as good a module as before.
changed() {
	sed 's/\.klp\.rela\.vmlinux\./.klp.rela.vmlinuz./' "$signed/test_klp_reloc.ko" \
		>/tmp/test_klp_reloc.ko
	kept_out /tmp/test_klp_reloc.ko "Key was rejected by service"
}

load_target() {
	insmod "$signed/test_klp_reloc_base.ko" && insmod "$signed/test_klp_reloc_target.ko" seed="$1"
}

# target_answers NUMBER: with what is reached by a relocation.
target_answers() {
	[ "$(cat /sys/module/test_klp_reloc_target/parameters/call)" = "$1" ]
}

relocated() {
	insmod "$signed/test_klp_reloc.ko" && wait_for settled test_klp_reloc &&
		load_target 1000 && target_answers 1001 &&
		rmmod test_klp_reloc_target test_klp_reloc_base &&
		load_target 2000 && target_answers 2001 &&
		rmmod test_klp_reloc_target test_klp_reloc_base
}

modules_disabled() {
	echo 1 >/proc/sys/kernel/modules_disabled
	kept_out "$signed/test_klp_patch_b.ko" "Operation not permitted"
}

# Not to come back: its module cannot be loaded again.
stays_in_memory() {
	disabled a || return
	if rmmod test_klp_patch_a; then
		echo "its module could be removed"
		return 1
	fi
}

case_of "a livepatch without a signature is let in where nobody wants one" let_in "$unsigned" a
case_of "none is let in without a signature by a system that is locked down" locked_down
case_of "one with a signature is, and can be disabled" signed_comes_and_goes
case_of "none is let in without a signature where one is wanted" signature_wanted
case_of "nor one that was changed after it was signed" changed
case_of "what is signed is relocated, and relocated again" relocated
case_of "none is let in where modules are disabled" modules_disabled
case_of "the one that is there can be disabled, but not removed" stays_in_memory
