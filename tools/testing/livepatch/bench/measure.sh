#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: measure, and print a line "NAME VALUE" for each figure that the
# figures file has. Values are whole nanoseconds, bytes or instructions.
#
#   [CALLS=N] measure.sh DIRECTORY [calls]
#
# DIRECTORY has the modules and is searched recursively; "calls" stops after what
# concerns single functions. What a call costs is the mean of N calls.
#
# The guest's clock counts its instructions, so that figures repeat; elapsed
# times include those in which it waits. Anything that fails ends it.

set -euo pipefail
shopt -s inherit_errexit
MODULES=$1
WHAT=${2:-all}
TARGET=test_klp_many
PATCH=klp_bench_patch
THREADS=klp_bench_threads
PATCH_SYSFS=/sys/kernel/livepatch/$PATCH
PARAMETERS=/sys/module/$PATCH/parameters
TRACING=/sys/kernel/tracing

CALLS=${CALLS:-100000}

# More than anything here takes on any kernel worth measuring, in microseconds.
PATIENCE=300000000

# A pipe that nothing is ever written to: pausing without a process.
exec {silence}<> <(:)
pause() {
	read -r -t "$1" -u "$silence" || true
}

now_us() {
	echo "${EPOCHREALTIME/./}"
}

wait_until() {
	local end=$(($(now_us) + PATIENCE))

	until "$@"; do
		if [ "$(now_us)" -gt "$end" ]; then
			echo "waited in vain for: $*" >&2
			exit 1
		fi
		pause 0.001
	done
}

figure() {
	echo "$1 $2"
}

load() {
	local module=$1
	shift
	insmod "$(find "$MODULES" -name "$module.ko")" "$@"
}

settled() {
	[ "$(<$PATCH_SYSFS/transition)" = 0 ]
}

gone() {
	[ ! -e $PATCH_SYSFS ]
}

enable() {
	load $PATCH count="$1" calls="$CALLS"
	wait_until settled
}

disable() {
	echo 0 >$PATCH_SYSFS/enabled
	wait_until gone
}

# The module's last reference is dropped after the directory is gone.
unload_patch() {
	wait_until rmmod $PATCH 2>/dev/null
}

call_instructions() {
	echo $(($(<$PARAMETERS/calls_ns) / CALLS))
}

# measure_functions COUNT: enabling and disabling, and what a call costs between.
measure_functions() {
	local count=$1 patched start

	load $TARGET
	enable "$count"
	figure "enable-$count" "$(<$PARAMETERS/enable_ns)"
	patched=$(call_instructions)

	start=$(now_us)
	disable
	figure "disable-$count" $((($(now_us) - start) * 1000))
	figure "call-$count" $((patched - $(call_instructions)))

	unload_patch
	rmmod $TARGET
}

# From the message that the transition starts to the one that it is complete.
transition_ns() {
	dmesg | awk -F '[][]' '
		/starting patching transition/ { start = $2 }
		/patching complete/ { us = ($2 - start) * 1000000 }
		END { printf "%.0f000\n", us }'
}

# measure_transitions THREADS COUNT...
measure_transitions() {
	local threads=$1 count
	shift

	load $TARGET
	load $THREADS threads="$threads"
	for count; do
		enable "$count"
		figure "transition-$threads-$count" "$(transition_ns)"
		disable
		unload_patch
	done
	rmmod $THREADS $TARGET
}

# measure_batches THREADS: how long walks through all tasks let nobody else run.
measure_batches() {
	load $TARGET
	load $THREADS threads="$1"
	echo walk_batch >$TRACING/set_ftrace_filter
	echo function_graph >$TRACING/current_tracer
	enable 1
	figure "batch-$1" "$(awk '
		/walk_batch/ { for (i = 2; i <= NF; i++) if ($i == "us" && $(i - 1) > us) us = $(i - 1) }
		END { printf "%.0f\n", us * 1000 }' $TRACING/trace)"
	echo nop >$TRACING/current_tracer
	echo >$TRACING/set_ftrace_filter
	disable
	unload_patch
	rmmod $THREADS $TARGET
}

# All of vmalloc() but the stacks of tasks, once the init code of modules, which is
# freed a while after they are loaded, is gone.
vmalloc_bytes() {
	local last="" now=unknown

	until [ "$now" = "$last" ]; do
		last=$now
		pause 0.1
		now=$(sed -n '/dup_task_struct/d; s/.* pages=\([0-9]*\) .*/\1/p' /proc/vmallocinfo |
			awk '{ pages += $1 } END { print pages * 4096 }')
	done
	echo "$now"
}

trace_kmalloc() {
	echo "$1" | tee $TRACING/events/kmem/{kmalloc,kfree}/enable >/dev/null
}

# What loading the target takes and keeps: kmalloc(), traced object by object,
# as rounded up by the allocator; and vmalloc(), with executable pages. The totals
# of slabs and of free memory are no measure for it: they also tell how full slabs
# are, what is kept for each CPU, and what the shell did.
target_bytes() {
	local kmalloc vmalloc

	vmalloc=$(vmalloc_bytes)
	echo >$TRACING/trace
	trace_kmalloc 1
	load $TARGET
	trace_kmalloc 0
	vmalloc=$(($(vmalloc_bytes) - vmalloc))
	kmalloc=$(awk '
		function value(name) {
			match($0, " " name "=[^ ]*")
			return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2)
		}
		/^ *insmod-.* kmalloc: / { kept[value("ptr")] = value("bytes_alloc") }
		/ kfree: / { delete kept[value("ptr")] }
		END {
			for (ptr in kept)
				sum += kept[ptr]
			print sum
		}' $TRACING/trace)
	rmmod $TARGET
	echo $((kmalloc + vmalloc))
}

# measure_memory COUNT: a livepatch that is there before its target has its
# structures and its directories in sysfs already. What the target takes more than
# without the livepatch is what redirecting takes.
measure_memory() {
	local count=$1 without with

	echo nohash-ptr >$TRACING/trace_options
	echo 16384 >$TRACING/buffer_size_kb
	without=$(target_bytes)
	enable "$count"
	with=$(target_bytes)
	disable
	unload_patch
	figure "memory-$count" $(((with - without) / count))
}

# Memory first: what the kernel takes with the first livepatch, and keeps, counts.
[ "$WHAT" != all ] || measure_memory 1000
measure_functions 1
measure_functions 100
measure_functions 1000
[ "$WHAT" = all ] || exit 0
measure_transitions 500 1000
measure_transitions 2000 1 1000
measure_batches 2000
