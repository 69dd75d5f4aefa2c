#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How long transitions take, and for how long they keep others waiting. What is
# measured is printed. Times are held to narrow limits where the guest's clock counts
# instructions (KLP_EXACT); elsewhere a busy host has its part in them, and they only
# must be far from what it takes to try once a second.

. "$(dirname "$0")/klp.sh"

# trace_transitions: from now on, the log of ftrace holds what a transition does.
trace_transitions() {
	write nop "$KLP_TRACING/current_tracer"
	write mono "$KLP_TRACING/trace_clock"
	write 1 "$KLP_TRACING/events/livepatch/klp_transition_start/enable"
	write 1 "$KLP_TRACING/events/livepatch/klp_transition_complete/enable"
	defer write 0 "$KLP_TRACING/events/livepatch/enable"
	: > "$KLP_TRACING/trace"
}

# times: of all transitions since, in microseconds, the shortest first.
times() {
	awk '
		{ match($0, /[0-9]+\.[0-9]+: klp_/); time = substr($0, RSTART) + 0 }
		/klp_transition_start:/ { start = time }
		/klp_transition_complete:/ { printf "%d\n", (time - start) * 1000000 }
	' "$KLP_TRACING/trace" | sort -n
}

# reschedule_ipis: how many CPUs have been interrupted to look for work.
reschedule_ipis() {
	awk '$1 == "RES:" { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' \
		/proc/interrupts
}

# sweeps: the time between those that found the kthread in the way, in milliseconds.
sweeps() {
	awk '
		!/klp_task_blocked: comm=klp_parked\/0 / { next }
		{ match($0, /[0-9]+\.[0-9]+: klp_/); time = substr($0, RSTART) + 0 }
		last { printf "%d\n", (time - last) * 1000 }
		{ last = time }
	' "$KLP_TRACING/trace"
}

enough_sweeps() {
	local all

	mapfile -t all < <(sweeps)
	[ "${#all[@]}" -ge "$1" ]
}

there_and_back() {
	enable test_klp_patch_a funcs=cmdline_proc_show
	remove test_klp_patch_a
}

# ten_times NAME LIMIT: both ways; the longest takes at most so many milliseconds.
ten_times() {
	local i all ipis

	trace_transitions
	ipis=$(reschedule_ipis)
	for ((i = 0; i < 10; i++)); do
		there_and_back
	done
	ipis=$(($(reschedule_ipis) - ipis))
	mapfile -t all < <(times)
	expect_equal "transitions that were traced" 20 "${#all[@]}"
	note "$1: median $((all[10] / 1000)) ms, longest $((all[19] / 1000)) ms of 20;" \
		"$ipis reschedule interrupts in all"
	[ "${all[10]}" -le 500000 ] || fail "half of them took more than ${all[10]} us"
	[ -z "${KLP_EXACT:-}" ] || [ "${all[19]}" -le $(($2 * 1000)) ] ||
		fail "the longest took ${all[19]} us"
}

idle() {
	ten_times "idle" 50
}

# A user process and a kthread that calls cond_resched() on each CPU: neither sleeps.
busy() {
	local cpu

	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		taskset --cpu-list "$cpu" "$(program klp-spin)" &
	done
	load test_klp_park
	write 1 "$KLP_PARK/busy"
	ten_times "busy" 200
}

# A timer is early by less than a tick, which is at most 10 ms, and late by one, and if it
# is a long one by an eighth.
sweeps_double() {
	local all between=1 i

	[ -n "${KLP_EXACT:-}" ] || skip "a busy host has its part in when a timer ends"
	trace_transitions
	write 1 "$KLP_TRACING/events/livepatch/klp_task_blocked/enable"
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs=test_klp_park:klp_park_kthread
	wait_until enough_sweeps 13
	mapfile -t all < <(sweeps)
	note "between sweeps: ${all[*]:0:13} ms"
	for ((i = 0; i < 13; i++)); do
		((all[i] >= between - 10 && all[i] <= between + between / 8 + 20)) ||
			fail "between sweeps $((i + 1)) and $((i + 2)): ${all[i]} ms, not $between"
		between=$((between * 2 > 1000 ? 1000 : between * 2))
	done
}

# hooks: how long after the beginning of a transition cond_resched() was hooked, in
# milliseconds.
hooks() {
	awk '
		{ match($0, /[0-9]+\.[0-9]+: /); time = substr($0, RSTART) + 0 }
		/klp_transition_start:/ { start = time }
		/: sched_dynamic_klp_enable / { printf "%d\n", (time - start) * 1000 }
	' "$KLP_TRACING/trace"
}

is_hooked() {
	[ -n "$(hooks)" ]
}

# pokes: how many calls were changed to hook cond_resched(), and how many to unhook it.
pokes() {
	awk '
		/: sched_dynamic_klp_enable / { to = "hook" }
		/: sched_dynamic_klp_disable / { to = "unhook" }
		/: text_poke_bp <-.*static_call/ { pokes[to]++ }
		END { print pokes["hook"] + 0, pokes["unhook"] + 0 }
	' "$KLP_TRACING/trace"
}

# hook_and_unhook: trace a transition that waits until cond_resched() is hooked, and its end.
hook_and_unhook() {
	local functions="sched_dynamic_klp_enable sched_dynamic_klp_disable text_poke_bp"

	has_symbol sched_dynamic_klp_enable || skip "nothing shows when cond_resched() is hooked"
	trace_transitions
	write "$functions klp_cond_resched __cond_resched" "$KLP_TRACING/set_ftrace_filter"
	defer write "" "$KLP_TRACING/set_ftrace_filter"
	write function "$KLP_TRACING/current_tracer"
	defer write nop "$KLP_TRACING/current_tracer"
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs=test_klp_park:klp_park_kthread
	wait_until is_hooked
	wait_until grep -q ": klp_cond_resched <-" "$KLP_TRACING/trace"
	release
	wait_until transition_done test_klp_patch_a
	# It is unhooked after the transition, but nothing else begins before.
	remove test_klp_patch_a
}

# calls_traced FUNCTION: since the trace was emptied, while this makes some.
calls_traced() {
	: > "$KLP_TRACING/trace"
	cat "$KLP_TRACING/enabled_functions" > "$KLP_TMP/read"
	grep -c ": $1 <-" "$KLP_TRACING/trace" || :
}

# Sweeps have failed for 1 + 2 + 4 + 8 + 16 + 32 ms by then. In the end its callers are
# changed back, and no others: that was done to each call that the mode of preemption has
# to do with, twice.
hooked() {
	local all hook unhook

	hook_and_unhook
	mapfile -t all < <(hooks)
	expect_equal "how often it was hooked" 1 "${#all[@]}"
	note "cond_resched() is hooked after ${all[0]} ms"
	[ "${all[0]}" -ge 53 ] || fail "hooked after ${all[*]} ms"
	[ -z "${KLP_EXACT:-}" ] || [ "${all[0]}" -le 150 ] || fail "hooked after ${all[*]} ms"
	read -r hook unhook <<< "$(pokes)"
	note "calls changed: $hook, and $unhook in the end"
	[ "$hook" -gt 0 ] || fail "nobody calls cond_resched()"
	expect_equal "calls changed in the end" "$hook" "$unhook"
}

# It does what the mode of preemption wants after that: something, or nothing at all.
unhooked() {
	local preempt=$KLP_DEBUGFS/sched/preempt mode

	[ -w "$preempt" ] || skip "the mode of preemption cannot be changed"
	mode=$(< "$preempt")
	mode=${mode##*\(}
	defer write "${mode%%\)*}" "$preempt"
	write "$1" "$preempt"
	hook_and_unhook
	[[ $(< "$preempt") = *"($1)"* ]] || fail "mode of preemption: $(< "$preempt")"
	expect_equal "calls of klp_cond_resched()" 0 "$(calls_traced klp_cond_resched)"
	if [ "$1" = full ]; then
		expect_equal "calls of __cond_resched()" 0 "$(calls_traced __cond_resched)"
	else
		[ "$(calls_traced __cond_resched)" -gt 0 ] || fail "cond_resched() does nothing"
	fi
}

# sleepers NUMBER: so many kthreads sleep, if there is memory for them.
sleepers() {
	local kilobytes each

	# A stack, a task, and a page of the graph tracer's.
	each=$((24 + $(getconf PAGESIZE) / 1024))
	kilobytes=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
	[ "$kilobytes" -ge $(($1 * each)) ] ||
		skip "$kilobytes kB of memory are not enough for $1 threads"
	more_tasks
	load klp_bench_threads threads="$1"
	defer rmmod klp_bench_threads
}

# A walk lets others run after each batch, so the longest is what they wait.
many_threads() {
	local all

	sleepers "$1"
	trace_transitions
	there_and_back
	mapfile -t all < <(times)
	expect_equal "transitions that were traced" 2 "${#all[@]}"
	note "$1 threads: transitions of $((all[0] / 1000)) and $((all[1] / 1000)) ms"

	trace_batches
	there_and_back
	mapfile -t all < <(batches)
	[ "${#all[@]}" -gt $(($1 / 32)) ] || fail "${#all[@]} batches for $1 threads"
	note "$1 threads: ${#all[@]} batches, the longest ${all[-1]} us"
	[ -z "${KLP_EXACT:-}" ] || [ "${all[-1]%.*}" -lt 1000 ] ||
		fail "a batch took ${all[-1]} us"
}

# On an emulated machine it takes minutes to make that many.
most_threads() {
	[ "$KLP_STRESS" -gt 1 ] || skip "takes minutes, set KLP_STRESS=2"
	[ "$KLP_THREADS" -ge 20000 ] || skip "KLP_THREADS is $KLP_THREADS: it would take too long"
	many_threads 100000
}

klp_run \
	"transitions while nothing happens" idle \
	"transitions while all CPUs are busy" busy \
	"the time between sweeps doubles up to a second" sweeps_double \
	"cond_resched() is hooked when sweeps have not helped for 60 ms" hooked \
	"cond_resched() does what it did before where it makes room for others" "unhooked none" \
	"cond_resched() does nothing again where tasks are preempted" "unhooked full" \
	"a walk through many threads lets others run" "many_threads $KLP_THREADS" \
	"a walk through 100000 threads lets others run" most_threads
