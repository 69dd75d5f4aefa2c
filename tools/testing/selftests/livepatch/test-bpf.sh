#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# BPF trampolines and livepatches on the same function. The trampoline of a fexit
# program calls the function itself, so somebody must tell it about the
# livepatch, whoever came first: it must be the new code that it calls.
#
# test_klp_direct has such a trampoline without BPF, on a function of a module.

. "$(dirname "$0")/klp.sh"

PATCHED="a: this has been live patched"
VALUE=test_klp_target:klp_target_value
OTHER=test_klp_target:klp_target_other
DIRECT=/sys/module/test_klp_direct/parameters

# attach fentry|fexit: to what is behind /proc/cmdline.
attach() {
	ORIGINAL=${ORIGINAL:-$(< /proc/cmdline)}
	attach_bpf "$1" cmdline_proc_show
}

# expect_counted TEXT: that is what is read, and the program has seen it.
expect_counted() {
	local before

	bpf_count
	before=$COUNT
	expect /proc/cmdline "$1"
	bpf_count
	expect_equal "count" $((before + 1)) "$COUNT"
}

bpf_first() {
	attach "$1"
	expect_counted "$ORIGINAL"
	enable test_klp_patch_a funcs=cmdline_proc_show
	expect_counted "$PATCHED"
	disable test_klp_patch_a
	expect_counted "$ORIGINAL"
	detach_bpf
	expect /proc/cmdline "$ORIGINAL"
}

bpf_first_gone_first() {
	attach "$1"
	enable test_klp_patch_a funcs=cmdline_proc_show
	expect_counted "$PATCHED"
	detach_bpf
	expect /proc/cmdline "$PATCHED"
	disable test_klp_patch_a
	expect /proc/cmdline "$ORIGINAL"
}

bpf_second() {
	ORIGINAL=$(< /proc/cmdline)
	enable test_klp_patch_a funcs=cmdline_proc_show
	attach "$1"
	expect_counted "$PATCHED"
	detach_bpf
	expect /proc/cmdline "$PATCHED"
	attach "$1"
	expect_counted "$PATCHED"
	disable test_klp_patch_a
	expect_counted "$ORIGINAL"
	detach_bpf
}

# The function is taken on by a livepatch when others are redirected already, and
# given up while others stay.
bpf_among_others() {
	load test_klp_target
	attach fexit
	enable test_klp_patch_b funcs="version_proc_show,$VALUE"
	expect_counted "$ORIGINAL"
	enable test_klp_patch_a funcs=cmdline_proc_show
	expect_counted "$PATCHED"
	remove test_klp_patch_a
	expect_counted "$ORIGINAL"
	enable test_klp_patch_a funcs=cmdline_proc_show replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_b"
	expect_counted "$PATCHED"
	detach_bpf
}

fentry_first() {
	bpf_first fentry
}

fentry_first_gone_first() {
	bpf_first_gone_first fentry
}

fentry_second() {
	bpf_second fentry
}

fexit_first() {
	bpf_first fexit
}

fexit_first_gone_first() {
	bpf_first_gone_first fexit
}

fexit_second() {
	bpf_second fexit
}

read_cmdline() {
	local line

	while [ ! -e "$KLP_TMP/stop" ]; do
		read -r line < /proc/cmdline
		[ "$line" = "$PATCHED" ] || { echo "$line" > "$KLP_TMP/wrong"; break; }
	done
}

remove_probe() {
	write 0 "$KLP_TRACING/events/klp/again/enable"
	# To open it for writing removes them all.
	write "" "$KLP_TRACING/kprobe_events"
}

# With a kprobe on it, ftrace calls all users of the function one after the other. A
# trampoline that does not know of the livepatch yet, and is turned away, must not have
# been called before, or it calls the original, and may be gone when that returns. It is
# held up just when ftrace asks it.
fexit_turned_away() {
	local asked=bpf_tramp_ftrace_ops_func i reader

	[ "$(nproc)" -gt 1 ] || skip "this machine has one CPU"
	[ -e "$KLP_TRACING/kprobe_events" ] || skip "this kernel has no kprobe events"
	has_symbol "$asked" || skip "this kernel has no $asked"
	enable test_klp_patch_a funcs=cmdline_proc_show
	write "p:klp/again cmdline_proc_show" "$KLP_TRACING/kprobe_events"
	defer remove_probe
	write 1 "$KLP_TRACING/events/klp/again/enable"
	load test_klp_kprobe symbol="$asked" busy=20000
	: > "$KLP_TMP/wrong"
	read_cmdline &
	reader=$!
	for ((i = 0; i < 3 * KLP_STRESS; i++)); do
		attach_bpf fexit cmdline_proc_show
		detach_bpf
	done
	touch "$KLP_TMP/stop"
	wait "$reader"
	expect "$KLP_TMP/wrong" ""
	[ "$(value /sys/module/test_klp_kprobe/parameters/hits)" -ge "$i" ] ||
		fail "ftrace has not asked $i trampolines"
	unload test_klp_kprobe
}

# expect_direct VERSION SHARED: the function that ran, and what ftrace has said.
expect_direct() {
	local before

	before=$(value "$DIRECT/hits")
	expect_target value "$1"
	expect "$DIRECT/hits" $((before + 1))
	expect "$DIRECT/shared" "$2"
}

prepare_direct() {
	has_symbol register_ftrace_direct || skip "this kernel has no ftrace direct calls"
	load test_klp_target
}

direct_first() {
	prepare_direct
	load test_klp_direct
	expect_direct original N
	enable test_klp_patch_a funcs="$VALUE"
	expect_direct a Y
	enable test_klp_patch_b funcs="$VALUE"
	expect_direct b Y
	remove test_klp_patch_b
	expect_direct a Y
	remove test_klp_patch_a
	expect_direct original N
}

direct_second() {
	prepare_direct
	enable test_klp_patch_a funcs="$VALUE"
	load test_klp_direct
	expect_direct a Y
	unload test_klp_direct
	expect_target value a
	load test_klp_direct
	remove test_klp_patch_a
	expect_direct original N
}

direct_among_others() {
	prepare_direct
	load test_klp_direct
	enable test_klp_patch_a funcs="$OTHER"
	expect_direct original N
	enable test_klp_patch_b funcs="$VALUE,$OTHER"
	expect_direct b Y
	remove test_klp_patch_a
	expect_direct b Y
	enable test_klp_patch_c funcs="$OTHER" replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_b"
	expect_direct original N
	expect_target other c
}

# What could not be enabled must not leave the trampoline shared.
direct_and_refused() {
	prepare_direct
	load test_klp_direct
	load_refused EINVAL test_klp_patch_a funcs="$VALUE,test_klp_target:klp_target_untraced"
	expect_direct original N
	enable test_klp_patch_a funcs="$VALUE"
	expect_direct a Y
}

# Nor may what ftrace refuses, whether others are redirected already or not.
direct_and_held() {
	has_symbol register_kprobe || skip "this kernel has no kprobes"
	prepare_direct
	load test_klp_direct
	load test_klp_kprobe symbol=klp_target_other post=1
	load_refused EBUSY test_klp_patch_a funcs="$VALUE,$OTHER"
	expect_direct original N
	enable test_klp_patch_b funcs=version_proc_show
	load_refused EBUSY test_klp_patch_a funcs="$VALUE,$OTHER"
	expect_direct original N
}

# But the kprobe may, as before.
direct_and_shared() {
	has_symbol register_kprobe || skip "this kernel has no kprobes"
	prepare_direct
	load test_klp_direct
	load test_klp_kprobe symbol=klp_target_value post=1
	expect_direct original Y
	load_refused EBUSY test_klp_patch_a funcs="$VALUE"
	expect_direct original Y
	enable test_klp_patch_b funcs=version_proc_show
	load_refused EBUSY test_klp_patch_a funcs="$VALUE"
	expect_direct original Y
}

klp_run \
	"fentry, then livepatch" fentry_first \
	"fentry, then livepatch; fentry goes first" fentry_first_gone_first \
	"livepatch, then fentry" fentry_second \
	"fexit, then livepatch" fexit_first \
	"fexit, then livepatch; fexit goes first" fexit_first_gone_first \
	"livepatch, then fexit" fexit_second \
	"fexit, with livepatches of other functions" bpf_among_others \
	"livepatch and kprobe, then fexit, while it is called" fexit_turned_away \
	"direct call, then livepatch" direct_first \
	"livepatch, then direct call" direct_second \
	"direct call, with livepatches of other functions" direct_among_others \
	"direct call, and a livepatch that is refused" direct_and_refused \
	"direct call, and a livepatch that ftrace refuses" direct_and_held \
	"direct call, kprobe, and a livepatch that ftrace refuses" direct_and_shared
