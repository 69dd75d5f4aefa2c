#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The two worst cases of a large machine, at the size of a small one: every thread is
# waited for, so that each sweep looks at every stack; and no CPU has time for others
# than real-time tasks. See Documentation/livepatch/scalability.rst.

. "$(dirname "$0")/klp.sh"

# At least two sweeps after the first have been through all of them.
swept() {
	[ "$(batches | wc -l)" -gt $((3 * $1 / 32)) ]
}

# all_wait THREADS: nobody may go on, and yet nobody else is kept waiting.
all_wait() {
	local all

	more_tasks
	load test_klp_park
	# Before nobody may fork any more.
	defer stop_kthreads
	park_kthreads "$1"
	trace_batches
	load test_klp_patch_a funcs="test_klp_park:klp_park_kthread"
	wait_until swept "$1"
	expect_equal "lines of stalled" "$1" "$(wc -l < "$KLP_SYSFS/test_klp_patch_a/stalled")"
	expect "$KLP_SYSFS/test_klp_patch_a/transition" 1
	mapfile -t all < <(batches)
	note "$1 threads that wait: ${#all[@]} batches, the longest ${all[-1]} us"
	[ -z "${KLP_EXACT:-}" ] || [ "${all[-1]%.*}" -lt 1000 ] ||
		fail "a batch took ${all[-1]} us"

	release
	wait_until transition_done test_klp_patch_a
	remove test_klp_patch_a
}

# spin_in_real_time: a task on each CPU that runs whenever it wants to, but for the little
# that the scheduler keeps for all others. Their ids are in SPINNING.
spin_in_real_time() {
	local cpu spin

	[ -z "${KLP_EXACT:-}" ] || skip "each instruction of a loop would be counted"
	spin=$(program klp-spin)
	SPINNING=()
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		taskset --cpu-list "$cpu" chrt --fifo 50 "$spin" &
		SPINNING+=($!)
	done
}

real_time() {
	local start

	! has_symbol __asan_load8 ||
		skip "a kernel that checks each access needs more than is left"
	load test_klp_target
	spin_in_real_time
	start=${EPOCHREALTIME/./}
	enable test_klp_patch_a funcs=cmdline_proc_show
	remove test_klp_patch_a
	note "real-time tasks on $(nproc) CPUs: there and back in" \
		"$(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}

# keep_nothing: until the case ends the scheduler has no time for others than real-time
# tasks.
keep_nothing() {
	local runtime

	for runtime in "$KLP_DEBUGFS"/sched/fair_server/cpu*/runtime; do
		[ -e "$runtime" ] || skip "this kernel keeps some time in any case"
		defer write "$(value "$runtime")" "$runtime"
		write 0 "$runtime"
	done
}

# in_real_time: all who are to spin do by now.
in_real_time() {
	local pid

	for pid in "${SPINNING[@]}"; do
		is "/proc/$pid/comm" klp-spin || return
	done
}

# between_sweeps: a sweep is just over, and in a second is the next.
between_sweeps() {
	local i nr

	trace_events klp_task_blocked
	for ((i = 0; i < 80; i++)); do
		tick
	done
	nr=$(traced_events klp_task_blocked)
	wait_until swept_since "$nr"
	tick
}

swept_since() {
	[ "$(traced_events klp_task_blocked)" -gt "$1" ]
}

# The transition's worker does not run meanwhile. But whoever turns it round is not held
# up, nor are those behind him, who load modules or take a CPU off. That is, if the worker
# did not have to stop in the middle of a sweep.
no_time() {
	local patch=$KLP_SYSFS/test_klp_patch_a

	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="test_klp_park:klp_park_kthread"
	expect "$patch/transition" 1
	keep_nothing
	chrt --fifo --pid 60 "$BASHPID"
	spin_in_real_time
	wait_until in_real_time
	kill -STOP "${SPINNING[@]}"
	between_sweeps
	# Before all else that is to be undone, which has to wait for others.
	defer kill "${SPINNING[@]}"
	kill -CONT "${SPINNING[@]}"
	{
		write 0 "$patch/enabled"
		touch "$KLP_TMP/turned"
	} &
	wait_until [ -e "$KLP_TMP/turned" ]
	[ ! -e "$patch" ] || expect "$patch/enabled" 0
}

klp_run \
	"every thread is waited for, and others get to run" "all_wait $KLP_THREADS" \
	"no CPU has time, and transitions complete" real_time \
	"no CPU has any time for the worker, and a transition is turned round" no_time
