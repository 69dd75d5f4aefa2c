#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Where all calls of a function go to the same place, the function jumps there and
# ftrace is not called. In a transition, and with others on the function, it is.

. "$(dirname "$0")/klp.sh"

FUNCTION=klp_target_value
VALUE=test_klp_target:$FUNCTION
PAIR=test_klp_target:klp_target_pair
PAIR+=,test_klp_target:klp_target_first
PAIR+=,test_klp_target:klp_target_second
STALL=test_klp_park:klp_park_kthread,$VALUE

# jump: what klp_target_value jumps to, as FUNCTION+OFFSET/SIZE [MODULE], or nothing.
jump() {
	sed -n "s/^$FUNCTION .*\tjump: //p" "$KLP_TRACING/enabled_functions"
}

# expect_jump PATCH: to a function of that module; without PATCH, to none.
expect_jump() {
	local jump

	jump=$(jump)
	if [ -n "${1:-}" ]; then
		[[ $jump = *"+0x0/"*" [$1]" ]] || fail "jump to '$jump', expected: $1"
	else
		[ -z "$jump" ] || fail "jump to '$jump', expected: none"
	fi
}

hooked() {
	grep -q "^$FUNCTION " "$KLP_TRACING/enabled_functions"
}

start_tracer() {
	grep -qw "$1" "$KLP_TRACING/available_tracers" || skip "this kernel has no $1 tracer"
	defer stop_tracer
	write "$FUNCTION" "$KLP_TRACING/set_ftrace_filter"
	write "$1" "$KLP_TRACING/current_tracer"
}

stop_tracer() {
	write nop "$KLP_TRACING/current_tracer"
	write "" "$KLP_TRACING/set_ftrace_filter"
}

# The only livepatch, the newest of two, and the older one again.
stacked() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	expect_jump test_klp_patch_a
	expect_target value a
	enable test_klp_patch_b funcs="$VALUE"
	expect_jump test_klp_patch_b
	expect_target value b
	remove test_klp_patch_b
	expect_jump test_klp_patch_a
	expect_target value a
	remove test_klp_patch_a
	! hooked || fail "$FUNCTION is still hooked"
	expect_target value original
}

# A task that has not changed over must get the old version: see the answers of one
# that has, and of the kthread.
patching() {
	load test_klp_target
	load test_klp_park
	enable test_klp_patch_a funcs="$VALUE"
	park_kthreads 1
	load test_klp_patch_b funcs="$STALL"
	expect "$KLP_SYSFS/test_klp_patch_b/transition" 1
	expect_jump
	wait_until is /proc/self/patch_state 1
	expect_target value b
	release
	wait_until transition_done test_klp_patch_b
	expect "$KLP_PARK/kthread" original
	expect_jump test_klp_patch_b
}

unpatching() {
	load test_klp_target
	load test_klp_park
	enable test_klp_patch_a funcs="$VALUE"
	enable test_klp_patch_b funcs="$STALL"
	park_kthreads 1
	expect_jump test_klp_patch_b
	write 0 "$KLP_SYSFS/test_klp_patch_b/enabled"
	expect "$KLP_SYSFS/test_klp_patch_b/transition" 1
	expect_jump
	expect_target value a
	release
	wait_until gone "$KLP_SYSFS/test_klp_patch_b"
	expect_jump test_klp_patch_a
	expect_target value a
}

turned_back() {
	load test_klp_target
	load test_klp_park
	enable test_klp_patch_a funcs="$VALUE"
	park_kthreads 1
	load test_klp_patch_b funcs="$STALL"
	expect_jump
	write 0 "$KLP_SYSFS/test_klp_patch_b/enabled"
	wait_until gone "$KLP_SYSFS/test_klp_patch_b"
	expect_jump test_klp_patch_a
	expect_target value a
}

# What the new livepatch does not have is a nop while the transition runs.
replaced() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	enable test_klp_patch_b funcs="$VALUE" replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	expect_jump test_klp_patch_b
	enable test_klp_patch_c funcs="$PAIR" replace=1
	wait_until gone "$KLP_SYSFS/test_klp_patch_b"
	! hooked || fail "$FUNCTION is still hooked"
	expect_target value original
}

refused() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	load_refused ENODEV test_klp_patch_b funcs="$VALUE" callbacks=1 veto=test_klp_target
	expect_jump test_klp_patch_a
	expect_target value a
}

target_comes_and_goes() {
	enable test_klp_patch_a funcs="$VALUE"
	enable test_klp_patch_b funcs="$VALUE"
	load test_klp_target
	expect_jump test_klp_patch_b
	expect_target value b
	unload test_klp_target
	! hooked || fail "$FUNCTION is still hooked"
	load test_klp_target
	expect_jump test_klp_patch_b
	expect_target value b
}

# Others see the calls, and the livepatch stays in force.
traced() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	start_tracer "$1"
	expect_jump
	expect_target value a
	enable test_klp_patch_b funcs="$VALUE"
	expect_jump
	expect_target value b
	stop_tracer
	expect_jump test_klp_patch_b
	expect_target value b
	start_tracer "$1"
	remove test_klp_patch_b
	stop_tracer
	expect_jump test_klp_patch_a
	expect_target value a
	start_tracer "$1"
	remove test_klp_patch_a
	stop_tracer
	! hooked || fail "$FUNCTION is still hooked"
}

with_bpf() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	attach_bpf fentry,fexit "$VALUE"
	expect_jump
	expect_target value a
	bpf_count
	[ "$COUNT" -gt 0 ] || fail "the programs did not run"
	detach_bpf
	expect_jump test_klp_patch_a
	expect_target value a
}

# Calls go on all the time while the call of ftrace becomes a jump and back, and
# the table of redirects is replaced by larger ones.
hammered() {
	local i reader readers=()

	load test_klp_target
	for ((i = 0; i < 2; i++)); do
		while :; do
			slurp "/sys/module/test_klp_target/parameters/value"
			case $TEXT in
			original | a | b) ;;
			*) echo "$TEXT" > "$KLP_TMP/wrong" ;;
			esac
		done &
		readers+=($!)
	done
	for ((i = 0; i < 4 * KLP_STRESS; i++)); do
		enable test_klp_patch_a funcs="$VALUE"
		enable test_klp_patch_b funcs="$VALUE,$PAIR"
		remove test_klp_patch_b
		remove test_klp_patch_a
	done
	for reader in "${readers[@]}"; do
		kill -0 "$reader" || fail "a reader has ended"
	done
	kill "${readers[@]}"
	[ ! -e "$KLP_TMP/wrong" ] || fail "wrong answer: $(< "$KLP_TMP/wrong")"
}

traced_by_function() {
	traced function
}

traced_by_graph() {
	traced function_graph
}

[ "$(uname -m)" = x86_64 ] || skip_all "$(uname -m) calls ftrace"

klp_run \
	"a function jumps to the newest version" stacked \
	"no jump while a function is patched" patching \
	"no jump while a function is unpatched" unpatching \
	"the jump is back when a transition has been turned back" turned_back \
	"the jump leads to what replaces another livepatch" replaced \
	"a refused livepatch changes no jump" refused \
	"functions of a module that comes back jump" target_comes_and_goes \
	"no jump while the function is traced" traced_by_function \
	"no jump while a graph tracer is on the function" traced_by_graph \
	"no jump while BPF programs are on the function" with_bpf \
	"jumps come and go while the function is called" hammered
