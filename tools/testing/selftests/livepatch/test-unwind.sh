#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What tracers and interrupts leave on stacks does not keep a task from being
# looked through. A task sleeps in a function that is traced in some way:
#  - a livepatch of something else does not wait for it;
#  - a livepatch of the function's caller, which is on the stack behind all that
#    the tracer has put there, waits for it and for nobody else;
#  - so does the end of a livepatch of the function itself.

. "$(dirname "$0")/klp.sh"

TASK=klp_parked/0
FUNCTION=klp_park_kthread
CALLER=klp_park_caller
PATCH=$KLP_SYSFS/test_klp_patch_b

# What the core says about the task is recorded apart from what tracers record.
OBSERVER=$KLP_TRACING/instances/klp_unwind
BLOCKED=$OBSERVER/events/livepatch/klp_task_blocked

observe() {
	load test_klp_park
	mkdir "$OBSERVER"
	defer rmdir "$OBSERVER"
	write "comm == \"$TASK\"" "$BLOCKED/filter"
	write 1 "$BLOCKED/enable"
}

# found REASON [FUNCTION]: has a sweep found the task like this?
found() {
	grep -q "reason=$1 function=${2:+$2+}" "$OBSERVER/trace"
}

# only_it_is_left STATE: every other task is in this state.
only_it_is_left() {
	local file

	for file in /proc/[0-9]*/task/[0-9]*/patch_state; do
		slurp "$file" || continue
		[ "$TEXT" = "$1" ] || is "${file%patch_state}comm" "$TASK" || return 1
	done
}

sleeps() {
	slurp "/proc/$1/wchan" && [ "$TEXT" != 0 ]
}

# park: it counts as parked a little before it sleeps; until then it could run, there may
# be a doubt about its stack, and what was found is forgotten.
park() {
	park_kthreads 1
	wait_until sleeps "$(kthread_pid "$TASK")"
	: > "$OBSERVER/trace"
}

# go_on: when it has gone, nothing is left of what was found on its way.
go_on() {
	release
	"$@"
	: > "$OBSERVER/trace"
}

expect_passed() {
	enable test_klp_patch_a funcs=cmdline_proc_show
	parked 1 || fail "the task is not there any more"
}

# expect_awaited FUNCTION STATE: the task is in the function, all others are in
# the state, and there has never been a doubt about its stack.
expect_awaited() {
	wait_until found on_stack "$1"
	wait_until only_it_is_left "$2"
	expect "$PATCH/transition" 1
	! found unreliable || fail "its stack was not trusted: $(< "$OBSERVER/trace")"
}

# in_original FUNCTION: the task is in the original of what is patched now.
in_original() {
	expect_passed
	load test_klp_patch_b funcs="test_klp_park:$1"
	expect_awaited "$1" 1
	go_on wait_until transition_done test_klp_patch_b
	wait_until is "$KLP_PARK/kthread" original
	remove test_klp_patch_b
	remove test_klp_patch_a
}

in_replacement() {
	write 1 "$KLP_PARK/hold"
	enable test_klp_patch_b funcs="test_klp_park:$FUNCTION"
	park
	expect_passed
	write 0 "$PATCH/enabled"
	expect_awaited new_kthread 0
	go_on wait_until gone "$PATCH"
	wait_until is "$KLP_PARK/kthread" b
}

asleep() {
	park
	in_original "$CALLER"
	in_replacement
}

# expect_not_trusted: whatever is patched waits for the task to return.
expect_not_trusted() {
	load test_klp_patch_a funcs=cmdline_proc_show
	wait_until found unreliable
	expect "$KLP_SYSFS/test_klp_patch_a/transition" 1
	release
	wait_until transition_done test_klp_patch_a
}

# They lead past the caller of a function that a BPF trampoline has taken over at its entry,
# and past that of one that was interrupted there.
has_frame_pointers() {
	[ "$(uname -m)" = x86_64 ] && ! has_symbol unwind_module_init
}

under_bpf() {
	attach_bpf "$1" "test_klp_park:$FUNCTION"
	if has_frame_pointers; then
		park
		expect_not_trusted
	else
		asleep
	fi
	bpf_count
	[ "$COUNT" -gt 0 ] || fail "no program has run"
}

fexit() {
	observe
	under_bpf fexit
}

fentry_and_fexit() {
	observe
	under_bpf fentry,fexit
}

fmod_ret() {
	has_symbol within_error_injection_list || skip "this kernel has no error injection"
	observe
	under_bpf fmod_ret
}

# The task is in the program, and that has a trampoline at its own entry.
in_program() {
	has_symbol within_error_injection_list || skip "this kernel has no error injection"
	observe
	under_bpf "$1"
}

in_fentry() {
	in_program fentry.s
}

# trampolines: how many BPF trampolines are on the task's stack.
trampolines() {
	local comm

	for comm in /proc/[0-9]*/comm; do
		! is "$comm" "$TASK" || grep -c bpf_trampoline "${comm%comm}stack"
	done
}

in_traced_fentry() {
	in_program fentry.s,fexit-of
	write 1 "$KLP_PARK/hold"
	park
	has_frame_pointers || expect_equal "trampolines on its stack" 2 "$(trampolines)"
}

# The trampoline stays as long as somebody is going to return to it.
fexit_gone() {
	observe
	attach_bpf fexit "test_klp_park:$FUNCTION"
	park
	detach_bpf
	if has_frame_pointers; then
		expect_not_trusted
	else
		in_original "$CALLER"
	fi
}

stop_probe() {
	write 0 "$OBSERVER/events/klp/unwind/enable"
	echo -:klp/unwind >> "$KLP_TRACING/dynamic_events"
}

# start_probe PROBE: as dynamic_events takes it, without the name.
start_probe() {
	grep -q "[[:space:]]$1\[" "$KLP_TRACING/README" || skip "this kernel has no dynamic event '$1'"
	echo "$1:klp/unwind $2" >> "$KLP_TRACING/dynamic_events"
	defer stop_probe
	write 1 "$OBSERVER/events/klp/unwind/enable"
}

# On ppc64le a trace that comes to a return probe is not reliable.
asleep_under_probe() {
	observe
	start_probe "$@"
	if [ "$(uname -m)" = ppc64le ]; then
		park
		expect_not_trusted
	else
		asleep
	fi
}

kretprobe() {
	asleep_under_probe r "$FUNCTION"
}

fprobe() {
	asleep_under_probe f "$FUNCTION%return"
}

stop_graph() {
	write nop "$KLP_TRACING/current_tracer"
	write "" "$KLP_TRACING/set_ftrace_filter"
}

start_graph() {
	grep -qw function_graph "$KLP_TRACING/available_tracers" ||
		skip "this kernel has no function_graph tracer"
	defer stop_graph
	write "$FUNCTION $CALLER parked_fn" "$KLP_TRACING/set_ftrace_filter"
	write function_graph "$KLP_TRACING/current_tracer"
}

graph() {
	observe
	start_graph
	asleep
}

everything() {
	[ "$(uname -m)" != ppc64le ] || skip "a return probe alone is too much here"
	observe
	start_graph
	start_probe r "$FUNCTION"
	under_bpf fentry,fexit
}

# Kthreads lose the CPU only where they ask for it unless this says "full".
preempt_always() {
	local preempt=$KLP_DEBUGFS/sched/preempt mode

	mode=$(sed 's/.*(\(.*\)).*/\1/' "$preempt" 2> /dev/null) ||
		skip "this kernel's preemption cannot be changed"
	write full "$preempt"
	defer write "$mode" "$preempt"
}

# One that never gives up the CPU is interrupted, and stays so while others run.
preempt_kthread() {
	preempt_always
	defer write 0 "$KLP_PARK/hold"
	spin_everywhere
	write 1 "$KLP_PARK/spinners"
	wait_until parked 1
}

preempted() {
	observe
	preempt_kthread
	if has_frame_pointers; then
		expect_not_trusted
	else
		in_original klp_park_spin
	fi
}

# Of a task that could run the replaced return address is not to be had: not yet.
preempted_kretprobe() {
	[ "$(uname -m)" != ppc64le ] || skip "a return probe alone is too much here"
	observe
	start_probe r klp_park_spin
	preempt_kthread
	expect_not_trusted
}

klp_run \
	"asleep under an fexit program" fexit \
	"asleep under fentry and fexit programs" fentry_and_fexit \
	"asleep under an fmod_ret program" fmod_ret \
	"asleep under an fexit program that has gone" fexit_gone \
	"asleep in an fentry program" in_fentry \
	"asleep in an fentry program that is traced" in_traced_fentry \
	"asleep under a kretprobe" kretprobe \
	"asleep under a function exit probe" fprobe \
	"asleep with all callers in the graph tracer" graph \
	"asleep under all of them" everything \
	"preempted" preempted \
	"preempted under a kretprobe" preempted_kretprobe
