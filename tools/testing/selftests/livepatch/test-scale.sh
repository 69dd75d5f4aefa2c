#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The two worst cases of a large machine, at the size of a small one: every thread is
# waited for, so that each sweep looks at every stack; and no CPU has time for the work
# that klp_redirect_sync() waits for. See Documentation/livepatch/scalability.rst.

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

# A task on each CPU that runs whenever it wants to, but for the little that the
# scheduler keeps for all others.
real_time() {
	local cpu spin start

	! has_symbol __asan_load8 ||
		skip "a kernel that checks each access needs more than is left"
	spin=$(program klp-spin)
	load test_klp_target
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		taskset --cpu-list "$cpu" chrt --fifo 50 "$spin" &
	done
	start=${EPOCHREALTIME/./}
	enable test_klp_patch_a funcs=cmdline_proc_show
	remove test_klp_patch_a
	note "real-time tasks on $(nproc) CPUs: there and back in" \
		"$(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}

klp_run \
	"every thread is waited for, and others get to run" "all_wait $KLP_THREADS" \
	"no CPU has time, and transitions complete" real_time
