#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Functions of the scheduler: those that every sleeping task is in are refused,
# the others can be patched; and CPUs that come and go are not forgotten.

. "$(dirname "$0")/klp.sh"

PASS=/sys/module/test_klp_pass/parameters

# refused FUNCTION...: each is refused, and the log says which.
refused() {
	local before function

	snapshot
	before=$SNAPSHOT
	for function; do
		log_mark
		load_refused EINVAL test_klp_patch_a funcs="$function"
		expect_log test_klp_patch_a "$function" vmlinux
		expect_unchanged "after $function was refused" "$before"
	done
}

everybodys() {
	refused schedule kthread ret_from_fork cpu_startup_entry do_idle
}

# Its code may be gone when somebody wakes it.
of_dead_cpus() {
	refused arch_cpu_idle_dead cpuidle_play_dead cpuidle_get_cpu_driver acpi_idle_play_dead \
		native_play_dead hlt_play_dead xen_pv_play_dead acpi_mp_play_dead \
		play_dead_common cpuhp_ap_report_dead pseries_cpu_offline_self
}

# Nobody looks what a task is in that is behind this.
changing_over() {
	refused klp_update_patch_state do_notify_resume
}

# __schedule() is notrace, context_switch() inlined into it.
impossible() {
	refused __schedule context_switch
}

# pass_on FUNCTION: calls of it go on to the original; and it is called.
pass_on() {
	enable_pass "$1"
	wait_until all_called
	remove test_klp_pass
}

all_called() {
	[[ " $(< "$PASS/calls") " != *" 0 "* ]]
}

finish_task_switch() {
	local symbol

	symbol=$(grep -m 1 -o ' finish_task_switch\S*$' "$KLP_KALLSYMS") || fail "it is inlined"
	pass_on "${symbol# }"
}

# Kthreads that never sleep must be able to switch although they are just in it.
cond_resched() {
	has_symbol __cond_resched || skip "this kernel preempts instead"
	load test_klp_park
	write 1 "$KLP_PARK/busy"
	pass_on __cond_resched
}

try_to_wake_up() {
	pass_on try_to_wake_up
}

set_cpu() {
	write "$1" /sys/devices/system/cpu/cpu1/online
}

second_cpu() {
	[ -e /sys/devices/system/cpu/cpu1/online ] || skip "this machine has one CPU"
	defer set_cpu 1
}

hotplug_storm() {
	while :; do
		set_cpu 0
		set_cpu 1
	done
}

stop_storm() {
	kill "$1" 2> /dev/null || :
}

cpus_storm() {
	local i storm

	second_cpu
	hotplug_storm &
	storm=$!
	defer stop_storm "$storm"
	for ((i = 0; i < 10 * KLP_STRESS; i++)); do
		enable test_klp_patch_a funcs=cmdline_proc_show
		expect /proc/cmdline "a: this has been live patched"
		remove test_klp_patch_a
	done
	kill -0 "$storm" || fail "CPU 1 could not go or come"
	kill "$storm"
	wait "$storm" || :
}

# What a CPU calls when it is nearly gone, and when it is not there yet.
on_the_way() {
	local calls

	second_cpu
	enable_pass smpcfd_dying_cpu,sched_cpu_starting
	set_cpu 0
	set_cpu 1
	read -ra calls < "$PASS/calls"
	expect_equal "calls when the CPU went, and when it came" "1 1" "${calls[*]}"
	remove test_klp_pass
}

# in_transition FUNCTION...: run each with a transition that waits for a kthread, then
# see it end, both ways.
in_transition() {
	local step

	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs=test_klp_park:klp_park_kthread
	for step; do
		$step
		expect "$KLP_SYSFS/test_klp_patch_a/transition" 1
	done
	release
	wait_until transition_done test_klp_patch_a
	expect "$KLP_SYSFS/test_klp_patch_a/enabled" 1
	for step; do
		$step
	done
	remove test_klp_patch_a
}

cpu_goes() {
	second_cpu
	in_transition "set_cpu 0"
}

cpu_comes() {
	second_cpu
	set_cpu 0
	in_transition "set_cpu 1"
}

cpu_goes_and_comes() {
	second_cpu
	in_transition "set_cpu 0" "set_cpu 1" "set_cpu 0" "set_cpu 1"
}

# Its idle task, which is nowhere while the CPU is off, has a state when it calls what
# changes, or the kernel warns.
off_when_it_began() {
	second_cpu
	enable_pass proc_flush_pid,sched_cpu_starting
	hold_exiting test_klp_pass
	set_cpu 0
	log_mark
	write 0 "$KLP_SYSFS/test_klp_pass/enabled"
	set_cpu 1
	expect "$KLP_SYSFS/test_klp_pass/transition" 1
	write 0 "$PASS/hold"
	wait_until gone "$KLP_SYSFS/test_klp_pass"
	unload test_klp_pass
	if log_has klp_redirect_handler; then
		fail "$(log_since_mark)"
	fi
}

# The stopper runs them, with the other CPUs spinning and interrupts off.
stopper() {
	second_cpu
	enable_pass multi_cpu_stop,take_cpu_down,cpu_stopper_thread
	set_cpu 0
	set_cpu 1
	all_called || fail "calls: $(< "$PASS/calls")"
	remove test_klp_pass
}

# It goes through the loop of idle tasks, where these change over, on top of a function.
idle_injected() {
	load test_klp_park
	write 1 "$KLP_PARK/injectors"
	wait_until parked 1
	load test_klp_patch_a funcs=test_klp_park:klp_park_inject
	expect_waits test_klp_patch_a 1 "$(kthread_pid klp_parked/0)"
	still_in_transition "$KLP_SYSFS/test_klp_patch_a"
	release
	wait_until transition_done test_klp_patch_a
	expect "$KLP_PARK/kthread" original
	remove test_klp_patch_a
}

# A CPU that has nothing to do does not look by itself whether its idle task is asked.
idle_woken() {
	local i

	[ "$(nproc)" -gt 1 ] || skip "the only CPU is not idle while anybody looks"
	write wake_up_if_idle "$KLP_TRACING/set_ftrace_filter"
	defer write "" "$KLP_TRACING/set_ftrace_filter"
	write function "$KLP_TRACING/current_tracer"
	defer write nop "$KLP_TRACING/current_tracer"
	for ((i = 0; i < 10; i++)); do
		enable test_klp_patch_a funcs=cmdline_proc_show
		remove test_klp_patch_a
	done
	grep -qE ' wake_up_if_idle <-(sweep_idle_tasks|klp_)' "$KLP_TRACING/trace" ||
		fail "no idle CPU was woken"
}

# looked_by_itself: how often a kworker has found itself in the way, in the trace; fails if
# one did so twice without being looked at by another.
looked_by_itself() {
	awk '
		match($0, /klp_task_blocked: comm=kworker[^ ]* pid=[0-9]+/) {
			pid = substr($0, RSTART, RLENGTH)
			sub(/.*=/, "", pid)
			itself = $1 ~ "^kworker.*-" pid "$"
			if (itself && last == pid) {
				print > "/dev/stderr"
				exit wrong = 1
			}
			last = itself ? pid : ""
			times += itself
		}
		END { print times + 0; exit wrong }' "$KLP_TRACING/trace"
}

# The one that was released last is the next that gets something to do: to look at all
# stacks, which it does in the very function that nobody may be in.
own_stack() {
	local i times=0

	[ "$(nproc)" = 1 ] || skip "with more CPUs it may be another"
	write 1 "$KLP_TRACING/events/livepatch/klp_task_blocked/enable"
	defer write 0 "$KLP_TRACING/events/livepatch/klp_task_blocked/enable"
	load test_klp_park
	for ((i = 0; i < 10 && times == 0; i++)); do
		write 1 "$KLP_PARK/hold"
		write 1 "$KLP_PARK/work"
		wait_until parked 1
		write "" "$KLP_TRACING/trace"
		load test_klp_patch_a funcs=cmdline_proc_show,%process_one_work
		still_in_transition "$KLP_SYSFS/test_klp_patch_a"
		release
		wait_until transition_done test_klp_patch_a
		remove test_klp_patch_a
		times=$(looked_by_itself) || fail "a kworker waited for itself"
	done
	[ "$times" -gt 0 ] || fail "no kworker has found itself in the way"
}

klp_run \
	"what every sleeping task is in is refused" everybodys \
	"what CPUs are in that are off is refused" of_dead_cpus \
	"what lets tasks change over without a look is refused" changing_over \
	"__schedule() and what is inlined into it are refused" impossible \
	"finish_task_switch() is patched" finish_task_switch \
	"cond_resched() is patched, with a busy kthread on each CPU" cond_resched \
	"try_to_wake_up() is patched" try_to_wake_up \
	"a CPU goes during a transition" cpu_goes \
	"a CPU comes during a transition" cpu_comes \
	"a CPU goes and comes during a transition" cpu_goes_and_comes \
	"a CPU that goes or comes calls new functions" on_the_way \
	"a CPU that is off when a transition begins comes during it" off_when_it_began \
	"an idle CPU is woken to switch" idle_woken \
	"functions that take a CPU away are patched" stopper \
	"who looks at all stacks is looked at by another" own_stack \
	"a kthread that injects idle time is waited for" idle_injected \
	"livepatches come and go while a CPU does" cpus_storm
