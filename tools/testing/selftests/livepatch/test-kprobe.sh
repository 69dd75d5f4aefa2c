#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Kprobes on a function that is patched. A probe with a post_handler wants to
# decide where the function goes on, as a livepatch does: only one can.

. "$(dirname "$0")/klp.sh"

VALUE=test_klp_target:klp_target_value
PAIR=test_klp_target:klp_target_pair,test_klp_target:klp_target_first
PAIR+=,test_klp_target:klp_target_second

hits() {
	value /sys/module/test_klp_kprobe/parameters/hits
}

# expect_hit VERSION: the probe and the function of the livepatch both run.
expect_hit() {
	local before

	before=$(hits)
	expect_target value "$1"
	expect_equal "hits" $((before + 1)) "$(hits)"
}

prepare() {
	has_symbol register_kprobe || skip "this kernel has no kprobes"
	load test_klp_target
}

probe_first() {
	prepare
	load test_klp_kprobe symbol=klp_target_value
	expect_hit original
	enable test_klp_patch_a funcs="$VALUE"
	expect_hit a
	disable test_klp_patch_a
	expect_hit original
}

probe_second() {
	prepare
	enable test_klp_patch_a funcs="$VALUE"
	load test_klp_kprobe symbol=klp_target_value
	expect_hit a
	unload test_klp_kprobe
	expect_target value a
	load test_klp_kprobe symbol=klp_target_value
	disable test_klp_patch_a
	expect_hit original
}

post_handler_first() {
	local before

	prepare
	load test_klp_kprobe symbol=klp_target_value post=1
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused EBUSY test_klp_patch_a funcs="test_klp_target:klp_target_other,$VALUE"
	expect_unchanged afterwards "$before"
	expect_log klp_target_value
	expect_hit original
	unload test_klp_kprobe
	enable test_klp_patch_a funcs="test_klp_target:klp_target_other,$VALUE"
	expect_target value a
	expect_target other a
}

# It replaces what the probe does not hold, and then wants what it does.
post_handler_replace() {
	prepare
	enable test_klp_patch_a funcs=test_klp_target:klp_target_other
	load test_klp_kprobe symbol=klp_target_value post=1
	load_refused EBUSY test_klp_patch_b funcs="$VALUE" replace=1
	expect_target other a
	expect_target value original
	remove test_klp_patch_a
	expect_target other original
}

post_handler_second() {
	prepare
	enable test_klp_patch_a funcs="$VALUE"
	load_refused EBUSY test_klp_kprobe symbol=klp_target_value post=1
	expect_target value a
	remove test_klp_patch_a
	load test_klp_kprobe symbol=klp_target_value post=1
	expect_hit original
}

post_handler_elsewhere() {
	prepare
	load test_klp_kprobe symbol=klp_target_other post=1
	enable test_klp_patch_a funcs="$VALUE"
	expect_target value a
	expect_target other original
}

# Whoever is sent to another CPU while the probe is busy goes there before it comes back
# from the probe. What it then still has of the old CPU is noticed soon: it sleeps.
other_cpu() {
	local caller i end=$((SECONDS + KLP_TIMEOUT))

	[ "$(nproc)" -gt 1 ] || skip "this machine has one CPU"
	prepare
	enable test_klp_patch_a funcs="$PAIR"
	load test_klp_kprobe symbol=klp_target_first busy=5000
	while expect "$KLP_DEBUGFS/test_klp_target/pair" a; do :; done &
	caller=$!
	for ((i = 0; $(hits) < 40 * KLP_STRESS; i++)); do
		[ "$SECONDS" -lt "$end" ] || fail "the probe was hit only $(hits) times"
		taskset --pid --cpu-list $((i % 2)) "$caller" > "$KLP_TMP/taskset"
	done
	kill "$caller"
}

# Each has the function return at once, as a kprobe's handler may.  Where live patching
# keeps return addresses it must not keep these: nothing comes back for them.
injected_errors() {
	local fail=$KLP_DEBUGFS/fail_function function=sys_umask mask i

	[ -d "$fail" ] || skip "this kernel cannot let functions fail"
	[ "$(uname -m)" != x86_64 ] || function=__x64_sys_umask
	mask=$(umask)
	write "$function" "$fail/inject"
	defer write "" "$fail/inject"
	# -EIO, as the register holds it
	write 0xfffffffffffffffb "$fail/$function/retval"
	write 0 "$fail/verbose"
	write -1 "$fail/times"
	write 100 "$fail/probability"
	for ((i = 0; i < 2000; i++)); do
		umask
	done > /dev/null
	[ "$(umask)" != "$mask" ] || fail "no error was injected"
}

klp_run \
	"a function with a kprobe is patched" probe_first \
	"a patched function gets a kprobe" probe_second \
	"a function with a post_handler is not patched" post_handler_first \
	"a function with a post_handler is not patched by a replacement" post_handler_replace \
	"a patched function gets no post_handler" post_handler_second \
	"a post_handler elsewhere does not matter" post_handler_elsewhere \
	"a probed caller may come back on another CPU" other_cpu \
	"a function that a probe lets fail returns at once" injected_errors
