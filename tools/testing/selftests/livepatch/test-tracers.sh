#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tracers and livepatches on the same function, in any order: the trace has the
# function, and the new code runs.

. "$(dirname "$0")/klp.sh"

FUNCTION=klp_target_value
VALUE=test_klp_target:$FUNCTION

stop_tracer() {
	write nop "$KLP_TRACING/current_tracer"
	write "" "$KLP_TRACING/set_ftrace_filter"
	write "" "$KLP_TRACING/trace"
}

start_tracer() {
	grep -qw "$1" "$KLP_TRACING/available_tracers" || skip "this kernel has no $1 tracer"
	defer stop_tracer
	write "$FUNCTION" "$KLP_TRACING/set_ftrace_filter"
	write "$1" "$KLP_TRACING/current_tracer"
	write 1 "$KLP_TRACING/tracing_on"
}

# expect_traced VERSION
expect_traced() {
	write "" "$KLP_TRACING/trace"
	expect_target value "$1"
	grep -q "$FUNCTION" "$KLP_TRACING/trace" || fail "the trace does not have $FUNCTION"
}

# Who may change where a function goes on has an I in this file.
redirected() {
	grep -q "^$FUNCTION .* I " "$KLP_TRACING/enabled_functions"
}

tracer_first() {
	load test_klp_target
	start_tracer "$1"
	expect_traced original
	enable test_klp_patch_a funcs="$VALUE"
	expect_traced a
	redirected || fail "$FUNCTION is not marked as redirected"
	enable test_klp_patch_b funcs="$VALUE"
	expect_traced b
	remove test_klp_patch_b
	expect_traced a
	remove test_klp_patch_a
	expect_traced original
	! redirected || fail "$FUNCTION is still marked as redirected"
}

tracer_second() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	redirected || fail "$FUNCTION is not marked as redirected"
	start_tracer "$1"
	expect_traced a
	stop_tracer
	expect_target value a
	start_tracer "$1"
	remove test_klp_patch_a
	expect_traced original
}

# The tracer is on all functions of the kernel, the core's own among them.
everything_traced() {
	load test_klp_target
	grep -qw function "$KLP_TRACING/available_tracers" || skip "this kernel has no function tracer"
	defer stop_tracer
	write function "$KLP_TRACING/current_tracer"
	enable test_klp_patch_a funcs="$VALUE"
	expect_target value a
	remove test_klp_patch_a
	expect_target value original
}

# Livepatches stay in force while tracers are switched off for everybody.
ftrace_disabled_later() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	if echo 0 2> /dev/null > /proc/sys/kernel/ftrace_enabled; then
		write 1 /proc/sys/kernel/ftrace_enabled
		fail "ftrace was disabled under a livepatch"
	fi
	expect /proc/sys/kernel/ftrace_enabled 1
	expect_target value a
}

read_forever() {
	trap - ERR EXIT
	while slurp /sys/module/test_klp_target/parameters/value; do
		[[ $TEXT = @(original|a) ]] || exit 1
	done
}

# For a tracer's sake each call of the function asks the handler, and another CPU calls it all
# the time while walks give tasks their states, and take them back. A handler that finds a task
# without any tells.
called_during_walks() {
	local i reader

	[ "$(nproc)" -gt 1 ] || skip "nobody calls it while a walk keeps the CPU"
	load test_klp_target
	start_tracer function
	slow_walks 20000
	read_forever &
	reader=$!
	log_mark
	for ((i = 0; i < 2 * KLP_STRESS; i++)); do
		enable test_klp_patch_a funcs="$VALUE"
		remove test_klp_patch_a
	done
	! log_has klp_redirect_handler || fail "a task had no state"
	kill -0 "$reader" || fail "the reader has read something else"
}

function_first() {
	tracer_first function
}

function_second() {
	tracer_second function
}

graph_first() {
	tracer_first function_graph
}

graph_second() {
	tracer_second function_graph
}

klp_run \
	"a traced function is patched" function_first \
	"a patched function is traced" function_second \
	"a function with a graph tracer is patched" graph_first \
	"a patched function gets a graph tracer" graph_second \
	"a function is patched while all are traced" everything_traced \
	"a traced function is called while tasks get their states" called_during_walks \
	"ftrace cannot be disabled under a livepatch" ftrace_disabled_later
