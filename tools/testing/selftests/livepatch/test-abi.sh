#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Calls of all kinds find the new function with all their arguments, and come back
# with their result, to a caller whose registers are its own.

. "$(dirname "$0")/klp.sh"

TARGET=/sys/module/test_klp_abi_target/parameters
USER=/sys/module/test_klp_abi_user/parameters

# What the arguments alone give; and what an original or a new function adds.
declare -A ARGUMENTS=([add]=100 [leaf]=100 [many]=650 [sum]=650 [small]=200 [big]=1500)
ORIGINAL=1
NEW=10000
DEPTH=50

# expect_calls ADDED
expect_calls() {
	local call

	for call in "${!ARGUMENTS[@]}"; do
		expect "$TARGET/$call" $((ARGUMENTS[$call] + $1))
	done
}

# expect_calls_of_user ADDED: from the other module.
expect_calls_of_user() {
	local call

	for call in add many sum; do
		expect "$USER/$call" $((ARGUMENTS[$call] + $1))
	done
}

# Arguments in registers and on the stack, variable ones, results in memory.
within_module() {
	load test_klp_abi_target
	expect_calls "$ORIGINAL"
	enable test_klp_abi_a
	expect_calls "$NEW"
	remove test_klp_abi_a
	expect_calls "$ORIGINAL"
}

between_modules() {
	load test_klp_abi_target
	load test_klp_abi_user
	expect_calls_of_user "$ORIGINAL"
	enable test_klp_abi_a
	expect_calls_of_user "$NEW"
	expect_calls "$NEW"
	remove test_klp_abi_a
	expect_calls_of_user "$ORIGINAL"
}

between_far_modules() {
	load test_klp_abi_target
	load_far test_klp_abi_user
	enable test_klp_abi_a
	expect_calls_of_user "$NEW"
	expect_calls "$NEW"
	remove test_klp_abi_a
	expect_calls_of_user "$ORIGINAL"
	expect_calls "$ORIGINAL"
}

context_switches() {
	sed -n 's/^ctxt //p' /proc/stat
}

within_vmlinux() {
	local before

	before=$(context_switches)
	enable test_klp_abi_a
	expect_equal "context switches" "$NEW" "$(context_switches)"
	remove test_klp_abi_a
	[ "$(context_switches)" -ge "$before" ] || fail "not the real number any more"
}

# The new function calls the original's caller again, which calls what is patched.
recursion() {
	load test_klp_abi_target
	expect "$TARGET/recurse" $((DEPTH * ORIGINAL))
	enable test_klp_abi_a
	expect "$TARGET/recurse" $((DEPTH * (NEW + ORIGINAL) / 2))
}

mutual_recursion() {
	load test_klp_abi_target
	enable test_klp_abi_a
	enable test_klp_abi_b
	expect "$TARGET/recurse" $((DEPTH * NEW))
	remove test_klp_abi_a
	expect "$TARGET/recurse" $((DEPTH * (NEW + ORIGINAL) / 2))
}

storm() {
	load test_klp_abi_target
	enable test_klp_abi_a
	enable test_klp_abi_b
	write $((50 * KLP_STRESS)) "$TARGET/storm"
}

# Nobody returns from the new function. Whoever comes later is not disturbed.
no_return() {
	load test_klp_abi_target
	write 1 "$TARGET/leave"
	expect "$TARGET/leave" 1
	enable test_klp_abi_a
	write $((100 * KLP_STRESS)) "$TARGET/leave"
	expect "$TARGET/leave" 0
	expect_calls "$NEW"
	disable test_klp_abi_a
	write 1 "$TARGET/leave"
	expect "$TARGET/leave" 1
}

# A task sleeps in a new function: whoever has called that is on its stack, too.
caller_is_seen() {
	load test_klp_park
	enable test_klp_patch_a funcs=test_klp_park:klp_park_kthread
	park_kthreads 1
	load test_klp_patch_b funcs=test_klp_park:parked_fn
	expect "$KLP_SYSFS/test_klp_patch_b/transition" 1
	release
	expect "$KLP_SYSFS/test_klp_patch_b/transition" 1
	write 0 "$KLP_PARK/kthreads"
	wait_until transition_done test_klp_patch_b
}

# The same when the new function, and what it replaces, are traced: their return
# addresses are changed as well.
caller_is_seen_traced() {
	[ -e "$KLP_TRACING/set_graph_function" ] || skip "no function_graph tracer"
	load test_klp_park
	enable test_klp_patch_a funcs=test_klp_park:klp_park_kthread
	echo ':mod:test_klp_park' > "$KLP_TRACING/set_ftrace_filter"
	defer write '' "$KLP_TRACING/set_ftrace_filter"
	echo ':mod:test_klp_patch_a' >> "$KLP_TRACING/set_ftrace_filter"
	echo function_graph > "$KLP_TRACING/current_tracer"
	defer write nop "$KLP_TRACING/current_tracer"
	park_kthreads 1
	load test_klp_patch_b funcs=test_klp_park:parked_fn
	expect "$KLP_SYSFS/test_klp_patch_b/transition" 1
	release
	write 0 "$KLP_PARK/kthreads"
	wait_until transition_done test_klp_patch_b
}

# What a new function returns to is not in its caller, and traces show both: powerpc.rst.
trace_names_both() {
	local above line re='\[c[0-9a-f]+\] \[c[0-9a-f]+\] klp_return\+0x0/0x[0-9a-f]+ '

	[ "$(uname -m)" = ppc64le ] || skip "new functions return to callers on this architecture"
	load test_klp_park
	enable test_klp_patch_a funcs=test_klp_park:klp_park_killable
	park_reader killable
	slurp "/proc/$READER/stack"
	[[ $TEXT = *"new_killable+"*" park_show+"* ]] || fail "the caller is missing: $TEXT"
	[[ $TEXT != *klp_return* ]] || fail "not only callers: $TEXT"

	# Of all tasks that cannot be interrupted.
	log_mark
	write w /proc/sysrq-trigger
	re+='\(park_show\+0x[0-9a-f]+/0x[0-9a-f]+ \[test_klp_park\]\)'
	read_log
	for line in "${LOG[@]}"; do
		[[ ! $line =~ $re ]] || break
		above=$line
	done
	[[ $line =~ $re ]] || fail "no klp_return with its caller:"$'\n'"$(log_since_mark)"
	[[ $above = *" new_killable+"* ]] || fail "above it is: $above"
}

# On ppc64le such a call would overwrite what the caller has saved.
sibling_call() {
	[ -n "${KLP_MODULE_FILES[test_klp_sibling]:-}" ] ||
		skip "sibling calls do no harm on this architecture"
	log_mark
	if insmod "$(module_file test_klp_sibling)"; then
		fail "test_klp_sibling was loaded"
	fi
	expect_log test_klp_sibling "sibling call" dump_stack
	gone "$KLP_SYSFS/test_klp_sibling" || fail "test_klp_sibling is enabled"
}

klp_run \
	"calls within a module" within_module \
	"calls from another module" between_modules \
	"calls from another module that is far away" between_far_modules \
	"calls within vmlinux" within_vmlinux \
	"a new function calls back the original's caller, 50 deep" recursion \
	"two livepatches' functions call each other, 50 deep" mutual_recursion \
	"preempted and interrupted by calls of patched functions" storm \
	"functions that never return" no_return \
	"the caller of a new function is on the stack" caller_is_seen \
	"the caller of a new function is on the stack, traced" caller_is_seen_traced \
	"a trace names what a new function returns to, and its caller" trace_names_both \
	"a sibling call is refused" sibling_call
