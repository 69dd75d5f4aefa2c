#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest, or on any machine: measure, and print a line "NAME VALUE" for each
# figure. Values are nanoseconds, bytes, instructions or pages; what each is, is said
# in the file "figures".
#
#   measure.sh DIRECTORY SECTION...
#
# DIRECTORY has the modules and is searched recursively. Each section is a function
# below, SECTION or SECTION:ARGUMENT,...; each leaves nothing loaded. PREFIX, in the
# environment, stands before each name.
#
# Where the clock counts instructions figures repeat exactly; elapsed times include
# those in which the guest waits. Anything that fails ends it.

set -euo pipefail
shopt -s inherit_errexit
MODULES=$1
shift
PREFIX=${PREFIX-}
KLP=/sys/kernel/livepatch
TRACING=/sys/kernel/tracing
COPIES=$(mktemp -d)
trap 'rm -rf "$COPIES"' EXIT

# How many calls calls_ns is for, relocations klp_bench_reloc.
CALLS=100000
RELOCATIONS=1000

# How often that is measured of which a median is taken, and processes are started.
SEVERAL=9
PROCESSES=201

# More than anything here takes on any kernel worth measuring, in seconds.
PATIENCE=600

# A pipe that nothing is ever written to: pausing without a process.
exec {silence}<> <(:)
pause() {
	read -r -t "$1" -u "$silence" || true
}

wait_until() {
	local end=$((SECONDS + PATIENCE))

	until "$@"; do
		if [ "$SECONDS" -gt "$end" ]; then
			echo "waited in vain for: $*" >&2
			exit 1
		fi
		pause 0.001
	done
}

figure() {
	echo "$PREFIX$1 $2"
}

# ---- modules

declare -A MODULE_FILES
while read -r file; do
	name=${file##*/}
	MODULE_FILES[${name%.ko}]=$file
done < <(find "$MODULES" -name 'klp_bench*.ko')

load() {
	local module=$1

	shift
	insmod "${MODULE_FILES[$module]}" "$@"
}

# copy MODULE NAME: the same module by another name, which has to be as long.
copy() {
	[ "$1" != "$2" ] || return 0
	sed "s/$1/$2/g" "${MODULE_FILES[$1]}" >"$COPIES/$2.ko"
	MODULE_FILES[$2]=$COPIES/$2.ko
}

# parameter MODULE NAME: what it says, in VALUE, the first word, and REST. Without a
# process.
parameter() {
	read -r VALUE REST <"/sys/module/$1/parameters/$2"
}

set_parameter() {
	echo "$3" >"/sys/module/$1/parameters/$2"
}

settled() {
	local value

	read -r value <"$KLP/$1/transition"
	[ "$value" = 0 ]
}

# quiet: what was begun before is over, like freeing what RCU has kept, and the init code
# of modules. It would be counted as part of what is measured next if it came just then.
quiet() {
	pause 0.1
}

# enable [PATCH] [PARAMETER=VALUE...]: its costs are in ELAPSED and WORK.
enable() {
	local patch=klp_bench_patch

	quiet
	clock
	if [ "${1#*=}" = "$1" ]; then
		patch=$1
		shift
	fi
	load "$patch" "$@"
	wait_until settled "$patch"
	parameter "$patch" enable_ns
	ELAPSED=$VALUE
	parameter "$patch" idle_ns
	WORK=$((ELAPSED - VALUE))
}

# clock: the present in NOW and IDLE.
clock() {
	parameter klp_bench clock_ns
	NOW=$VALUE
	IDLE=$REST
}

# disable [PATCH]: until it can be removed; its costs are in ELAPSED and WORK.
disable() {
	local patch=${1:-klp_bench_patch}

	quiet
	clock
	echo 0 >"$KLP/$patch/enabled"
	wait_unused "$patch"
	rmmod "$patch"
}

# hold [PARAMETER=VALUE...]: begin a transition that does not complete, because somebody
# is inside of what is patched.
hold() {
	set_parameter klp_bench_m000 hold 1
	load klp_bench_patch hold=1 "$@"
}

let_go() {
	set_parameter klp_bench_m000 hold 0
	wait_until settled klp_bench_patch
	disable
}

# wait_unused PATCH: the costs since the last look at the clock are in ELAPSED and WORK.
wait_unused() {
	parameter "$1" unused_ns
	ELAPSED=$((VALUE - NOW))
	WORK=$((ELAPSED - (REST - IDLE)))
}

# What is loaded to be patched, newest first, and the instruments.
LOADED=()

# targets FUNCTIONS: see to it that modules are loaded which have so many.
targets() {
	local name

	if [ ${#LOADED[@]} = 0 ]; then
		load klp_bench
		LOADED=(klp_bench)
	fi
	while [ $(((${#LOADED[@]} - 1) * 1000)) -lt "$1" ]; do
		printf -v name 'klp_bench_m%03u' $((${#LOADED[@]} - 1))
		[ -n "${MODULE_FILES[$name]-}" ] || copy klp_bench_m000 "$name"
		load "$name"
		LOADED=("$name" "${LOADED[@]}")
	done
}

no_targets() {
	rmmod "${LOADED[@]}"
	LOADED=()
}

# per TOTAL NUMBER: rounded.
per() {
	echo $((($1 + $2 / 2) / $2))
}

# median NUMBER...
median() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# address FUNCTION: to call it by; 0 if that cannot be done, because there is none, or
# because a CPU would stop at a jump to what the kernel itself never jumps to.
address() {
	if grep -qw ibt /proc/cpuinfo; then
		echo 0
		return
	fi
	awk -v name="$1" '$3 == name { found = $1 } END { print "0x" (found ? found : 0) }' \
		/proc/kallsyms
}

# ---- what a call costs more than one of a function that is not patched

calls_since() {
	parameter klp_bench_m000 "$1"
	per $((VALUE - $2)) $CALLS
}

calls() {
	local count

	for count; do
		targets "$count"
		calls_of "$count" calls_ns klp_bench_0 count="$count"
		no_targets
	done
	targets 1
	calls_of vmlinux vmlinux_calls_ns jiffies_to_msecs count=0 vmlinux=1
	no_targets
}

# calls_of NAME CALLS FUNCTION PARAMETER=VALUE...: CALLS calls FUNCTION, which the livepatch
# with these parameters patches. What the tracer itself takes is not counted.
calls_of() {
	local name=$1 calls=$2 function=$3 before

	shift 3
	parameter klp_bench_m000 "$calls"
	before=$VALUE
	enable "$@"
	figure "call.$name" "$(calls_since "$calls" "$before")"
	disable

	hold "$@"
	figure "call.transition.switched.$name" "$(calls_since "$calls" "$before")"
	figure "call.transition.waiting.$name" "$(calls_since "holder_$calls" "$before")"
	let_go

	set_parameter klp_bench_m000 trace "$function"
	parameter klp_bench_m000 "$calls"
	before=$VALUE
	enable "$@"
	figure "call.traced.$name" "$(calls_since "$calls" "$before")"
	disable
	set_parameter klp_bench_m000 trace ""
}

# retpolines: what is measured next is without meaning if they are not in use.
retpolines() {
	grep -q Retpolines /sys/devices/system/cpu/vulnerabilities/spectre_v2
}

# stacked NUMBER...: that many patches of the same function, one above the other.
stacked() {
	local nr=0 number before patch patches=()

	targets 1
	parameter klp_bench_m000 calls_ns
	before=$VALUE
	for number; do
		for ((; nr < number; nr++)); do
			printf -v patch 'klp_bench_p%03u' "$nr"
			copy klp_bench_p000 "$patch"
			enable "$patch" count=1
			patches=("$patch" "${patches[@]}")
		done
		figure "stacked.call.$number" "$(calls_since calls_ns "$before")"
		figure "stacked.enable.$number" "$WORK"
	done
	for patch in "${patches[@]}"; do
		disable "$patch"
	done
	no_targets
}

# ---- functions

functions() {
	local count

	for count; do
		targets "$count"
		enable count="$count"
		figure "enable.work.$count" "$WORK"
		figure "enable.elapsed.$count" "$ELAPSED"
		disable
		figure "disable.work.$count" "$WORK"
		figure "disable.elapsed.$count" "$ELAPSED"
		no_targets
	done
}

# replace COUNT...: so many functions by as many others.
replace() {
	local count

	copy klp_bench_patch klp_bench_other
	for count; do
		targets $((2 * count))
		enable klp_bench_other count="$count"
		enable first="$count" count="$count" replace=1
		figure "replace.work.$count" "$WORK"
		wait_unused klp_bench_other
		figure "replace.elapsed.$count" "$ELAPSED"
		rmmod klp_bench_other
		disable
		no_targets
	done
}

# records THOUSANDS...: what enabling one function of vmlinux takes when ftrace knows so
# many thousand functions more than those of the kernel.
records() {
	local number total

	for number; do
		targets $((number * 1000))
		read -r total _ <"$TRACING/dyn_ftrace_total_info"
		figure "records.$number" "$total"
		enable count=0 vmlinux=1
		figure "records.enable.$number" "$WORK"
		disable
		figure "records.disable.$number" "$WORK"
	done
	no_targets
}

# relocations: what one costs; the rest is as with a livepatch of one function that, but
# for the symbols of relocations, has as few symbols of its own.
relocations() {
	local without

	targets 1
	enable klp_bench_p000 count=1
	without=$WORK
	disable klp_bench_p000
	enable klp_bench_reloc
	figure relocation "$(per $((WORK - without)) $RELOCATIONS)"
	echo 0 >$KLP/klp_bench_reloc/enabled
	wait_until rmmod klp_bench_reloc 2>/dev/null
	no_targets
}

# ---- tasks

# From the message that the transition starts to the one that it is complete.
transition_ns() {
	parameter klp_bench transition_ns
	echo "$VALUE"
}

more_tasks() {
	echo 100000 >/proc/sys/kernel/pid_max
	echo 100000 >/proc/sys/kernel/threads-max
}

# unwinder: what klp_bench_threads can unwind stacks with, in UNWINDER; fails without.
unwinder() {
	UNWINDER=$(address stack_trace_save_tsk_reliable)
	[ $((UNWINDER)) != 0 ]
}

# tasks FUNCTIONS THREADS...: and what each thread adds, from the first number to the last;
# and what of that is unwinding its stack.
tasks() {
	local count=$1 threads first=$2 least="" ns unwind=""

	shift
	targets 1
	more_tasks
	unwinder || :
	for threads; do
		load klp_bench_threads threads="$threads" unwinder="$UNWINDER"
		enable count="$count"
		ns=$(transition_ns)
		figure "transition.$threads.$count" "$ns"
		: "${least:=$ns}"
		if [ $((UNWINDER)) != 0 ]; then
			parameter klp_bench_threads unwind_ns
			unwind=$VALUE
		fi
		disable
		rmmod klp_bench_threads
	done
	if [ "$threads" != "$first" ]; then
		figure "sweep.$count" "$(per $((ns - least)) $((threads - first)))"
		[ -z "$unwind" ] || figure "unwind.$count" "$(per "$unwind" "$threads")"
	fi
	no_targets
}

# depth FRAMES...: five hundred threads sleep that deep. The frames of the scheduler and
# of the start of a kthread are on each stack. The last thread of all may still be on its
# way to sleep when the module is loaded.
depth() {
	local frames least

	unwinder || return 0
	targets 1
	load klp_bench_threads depth=0 unwinder="$UNWINDER"
	quiet
	parameter klp_bench_threads unwind_ns
	least=$REST
	rmmod klp_bench_threads
	for frames; do
		load klp_bench_threads threads=500 depth=$((frames - least)) unwinder="$UNWINDER"
		quiet
		parameter klp_bench_threads unwind_ns
		if [ "$REST" != "$frames" ]; then
			echo "stacks have $REST frames instead of $frames" >&2
			exit 1
		fi
		figure "depth.unwind.$frames" "$VALUE"
		enable count=1
		figure "depth.$frames" "$(transition_ns)"
		disable
		rmmod klp_bench_threads
	done
	no_targets
}

# napping: the median of several, since who is in the function when is chance.
napping() {
	local time all=()

	for ((time = 0; time < SEVERAL; time++)); do
		enable nap=1
		all+=("$(transition_ns)")
		disable
	done
	median "${all[@]}"
}

# complete: how long a transition takes that is kept waiting.
complete() {
	local spinners=()

	targets 1
	enable count=1
	figure complete.idle "$(transition_ns)"
	disable

	while :; do :; done &
	spinners+=($!)
	while :; do :; done &
	spinners+=($!)
	set_parameter klp_bench_m000 nappers 4
	figure complete.busy "$(napping)"
	kill "${spinners[@]}"
	wait "${spinners[@]}" 2>/dev/null || :
	set_parameter klp_bench_m000 nappers 0

	load klp_bench_threads threads=500
	set_parameter klp_bench_m000 nappers 200
	figure complete.kthreads "$(napping)"
	set_parameter klp_bench_m000 nappers 0
	rmmod klp_bench_threads
	no_targets
}

# Until a clock is known well enough, timers expire at the next tick.
high_resolution() {
	grep -q 'resolution: 1 nsecs' /proc/timer_list
}

# latency THREADS FUNCTIONS PERIODS: for how long others are kept waiting while that many
# functions are patched, replaced by as many others, and these unpatched; and while the
# same livepatches come and go but are not enabled. They are such with few functions of
# their own: making those known to ftrace keeps others waiting.
latency() {
	local threads=$1 count=$2 periods=$3

	wait_until high_resolution
	targets 1
	copy klp_bench_p000 klp_bench_p001
	load klp_bench_threads threads="$threads"
	waits "$count" "$periods" dry=1
	figure latency.floor.interrupt "$INTERRUPT"
	figure latency.floor.thread "$THREAD"
	waits "$count" "$periods"
	figure latency.interrupt "$INTERRUPT"
	figure latency.thread "$THREAD"
	rmmod klp_bench_threads
	no_targets
}

# waits FUNCTIONS PERIODS [dry=1]: the longest of them, in INTERRUPT and THREAD. Of a
# stretch in which others wait that comes once, a timer finds the begin by chance: so it
# comes often, and the timer has many periods, of microseconds from 20 on.
waits() {
	local count=$1 periods=$2 period

	shift 2
	INTERRUPT=0 THREAD=0
	for ((period = 20; period < 20 + periods; period++)); do
		quiet
		set_parameter klp_bench latency_ns "$period"
		load klp_bench_p000 count="$count" "$@"
		[ $# != 0 ] || wait_until settled klp_bench_p000
		load klp_bench_p001 first="$count" count="$count" replace=1 "$@"
		[ $# != 0 ] || wait_until settled klp_bench_p001
		parameter klp_bench_p000 unused_ns
		rmmod klp_bench_p000
		[ $# != 0 ] || echo 0 >$KLP/klp_bench_p001/enabled
		parameter klp_bench_p001 unused_ns
		rmmod klp_bench_p001
		parameter klp_bench latency_ns
		INTERRUPT=$((VALUE > INTERRUPT ? VALUE : INTERRUPT))
		THREAD=$((REST > THREAD ? REST : THREAD))
		set_parameter klp_bench latency_ns 0
	done
}

# stalled THREADS: what reading the file takes, cat itself aside, with nobody but one
# task that waits, and when all do.
stalled() {
	local threads=$1

	targets 1
	more_tasks
	load klp_bench_threads threads="$threads"
	hold
	read_stalled "stalled.one.$threads"
	let_go
	load klp_bench_patch sleepers=1
	read_stalled "stalled.all.$threads"
	# Back again: they are in the old code, where they may stay.
	disable
	rmmod klp_bench_threads
	no_targets
}

# Two processes differ by chance: the median of several.
read_stalled() {
	local start cat time all=()

	[ -e $KLP/klp_bench_patch/stalled ] || return 0
	cat /dev/null
	for ((time = 0; time < SEVERAL; time++)); do
		clock
		start=$NOW
		cat /dev/null
		clock
		cat=$((NOW - start))
		start=$NOW
		cat $KLP/klp_bench_patch/stalled >/dev/null
		clock
		all+=($((NOW - start - cat)))
	done
	figure "$1" "$(median "${all[@]}")"
}

# ---- everybody else

# graph FUNCTION: from now on, ftrace has how long each call of it takes.
graph() {
	echo "$1" >$TRACING/set_ftrace_filter
	echo function_graph >$TRACING/current_tracer
}

no_graph() {
	echo nop >$TRACING/current_tracer
	echo >$TRACING/set_ftrace_filter
}

# graphed FUNCTION: how long its calls took, in nanoseconds: the median.
graphed() {
	local all

	all=$(awk -v name="$1" '
		$0 ~ name { for (i = 2; i <= NF; i++) if ($i == "us") printf "%.0f\n", $(i - 1) * 1000 }
		' $TRACING/trace)
	# shellcheck disable=SC2086 # several
	median $all
}

# sync: what each CPU adds to a wait for handlers that run; only ours has the function.
sync() {
	local time

	grep -q "^klp_redirect_sync$" $TRACING/available_filter_functions || return 0
	targets 1
	graph klp_redirect_sync
	for ((time = 0; time < SEVERAL; time++)); do
		enable count=1
		disable
	done
	figure sync "$(per "$(graphed klp_redirect_sync)" "$(nproc)")"
	no_graph
	no_targets
}

# klp_share: what klp_module_coming() takes of loading an unrelated module.
klp_share() {
	local time

	echo >$TRACING/trace
	for ((time = 0; time < SEVERAL; time++)); do
		load klp_bench_threads threads=1
		rmmod klp_bench_threads
	done
	graphed klp_module_coming
}

modules() {
	local nr=0 number patch

	targets 1
	graph klp_module_coming
	for number in 0 1 100; do
		for ((; nr < number; nr++)); do
			printf -v patch 'klp_bench_p%03u' "$nr"
			copy klp_bench_p000 "$patch"
			enable "$patch" first="$nr"
		done
		figure "module.$number" "$(klp_share)"
	done
	no_graph
	while [ "$nr" -gt 0 ]; do
		printf -v patch 'klp_bench_p%03u' $((--nr))
		disable "$patch"
	done
	no_targets
}

# fork: medians, each measured when the memory of the one before is free again. Still it is
# to be measured first: what was done before decides about where memory comes from.
fork() {
	targets 1
	forks fork
	hold
	forks fork.transition
	let_go
	no_targets
}

# forks NAME: of kthreads, and of processes that do nothing. The first are not measured.
forks() {
	local time start all=()

	parameter klp_bench kthreads_ns
	parameter klp_bench kthreads_ns
	figure "$1" "$VALUE"
	for ((time = -20; time < PROCESSES; time++)); do
		pause 0.02
		clock
		start=$NOW
		(:)
		clock
		[ "$time" -lt 0 ] || all+=($((NOW - start)))
	done
	figure "$1.process" "$(median "${all[@]}")"
}

# hooks: what of fork and exit is live patching.
hooks() {
	targets 1
	hook hook.exit klp_task_exiting klp_task_dead
	hook hook.fork klp_copy_process
	hold
	hook hook.fork.transition klp_copy_process
	let_go
	no_targets
}

# hook NAME FUNCTION...: instructions of the functions, and of the loop that calls them.
hook() {
	local name=$1 function address addresses=()

	shift
	for function; do
		address=$(address "$function")
		[ $((address)) != 0 ] || return 0
		addresses+=("$address")
	done
	set_parameter klp_bench task_calls "$(IFS=, && echo "${addresses[*]}")"
	parameter klp_bench task_calls_ns
	figure "$name" "$(per "$VALUE" $CALLS)"
}

# ---- memory

# All of vmalloc() but the stacks of tasks, and what of it is where code is, once the
# init code of modules, which is freed a while after they are loaded, is gone. Modules
# have their data there too, but the same with and without a livepatch. On x86_64 the
# address tells; elsewhere who has asked for it.
vmalloc_pages() {
	local last="" now=unknown

	until [ "$now" = "$last" ]; do
		last=$now
		pause 0.1
		now=$(sed -n '/dup_task_struct/d; s/ \([^ ]*\) pages=\([0-9]*\) .*/ \1 \2/p' \
			/proc/vmallocinfo | awk '
				{ all += $NF }
				/^0xffffffff|load_module|execmem|trampoline/ { exec += $NF }
				END { print all + 0, exec + 0 }')
	done
	echo "$now"
}

trace_memory() {
	echo "$1" | tee $TRACING/events/kmem/{kmalloc,kfree,kmem_cache_alloc,kmem_cache_free}/enable \
		>/dev/null
}

# memory_of MODULE [PARAMETER=VALUE...]: what loading it takes and keeps: BYTES, of
# these VMALLOC pages, of these EXEC executable ones. Objects of slabs are traced one
# by one, as rounded up by the allocator: the totals of slabs and of free memory also
# tell how full slabs are, what is kept for each CPU, and what the shell did.  What
# kfree_rcu() gets is collected for up to five seconds before it is freed, and for as long
# again if the one before is not done. The numbers of files in sysfs are in a tree that gets
# a node for each 64: by chance, not for one of them. Those of the trees of address spaces,
# insmod's own among them, are freed in bulk, which is not traced.
memory_of() {
	local pages exec slab

	read -r pages exec < <(vmalloc_pages)
	echo >$TRACING/trace
	trace_memory 1
	load "$@"
	pause 12
	trace_memory 0
	read -r VMALLOC EXEC < <(vmalloc_pages)
	VMALLOC=$((VMALLOC - pages))
	EXEC=$((EXEC - exec))
	slab=$(awk '
		function value(name) {
			match($0, " " name "=[^ ]*")
			return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2)
		}
		/call_site=(radix_tree_node_alloc|mas_alloc_nodes)/ { next }
		/^ *insmod-.* (kmalloc|kmem_cache_alloc): / {
			kept[value("ptr")] = value("bytes_alloc")
		}
		/ (kfree|kmem_cache_free): / { delete kept[value("ptr")] }
		END {
			for (ptr in kept)
				sum += kept[ptr]
			print sum + 0
		}' $TRACING/trace)
	BYTES=$((slab + VMALLOC * $(getconf PAGESIZE)))
}

# memory COUNT: a livepatch that is there before its target has its structures and its
# directories in sysfs already. What the target takes more than without the livepatch
# is what redirecting takes.
memory() {
	local count=$1 bytes exec restrict

	# Addresses are what they are.
	read -r restrict </proc/sys/kernel/kptr_restrict
	echo 1 >/proc/sys/kernel/kptr_restrict
	load klp_bench
	echo nohash-ptr >$TRACING/trace_options
	echo 32768 >$TRACING/buffer_size_kb
	memory_of klp_bench_m000
	bytes=$BYTES
	exec=$EXEC
	rmmod klp_bench_m000
	enable count="$count"
	memory_of klp_bench_m000
	figure "memory.$count" "$(per $((BYTES - bytes)) "$count")"
	figure "memory.exec.$count" $((EXEC - exec))
	disable

	memory_of klp_bench_patch count=1 dry=1
	bytes=$BYTES
	rmmod klp_bench_patch
	memory_of klp_bench_patch count=1
	figure memory.patch $((BYTES - bytes))
	disable
	rmmod klp_bench_m000 klp_bench
	echo 1408 >$TRACING/buffer_size_kb
	echo "$restrict" >/proc/sys/kernel/kptr_restrict
}

boot() {
	figure boot "$(dmesg | sed -n -E 's/^\[ *([0-9]+)\.([0-9]+)\] Run .* as init process/\1\2000/p' |
		sed 's/^0*//')"
}

# profile FUNCTION COUNT: where the time goes while so many functions are patched, in
# what FUNCTION calls, and what that calls, three levels deep.
profile() {
	targets "$2"
	echo 16384 >$TRACING/buffer_size_kb
	echo 4 >$TRACING/max_graph_depth
	echo "$1" >$TRACING/set_graph_function
	echo function_graph >$TRACING/current_tracer
	enable count="$2"
	disable
	cat $TRACING/trace >"$COPIES/trace"
	echo nop >$TRACING/current_tracer
	echo >$TRACING/set_graph_function
	echo 0 >$TRACING/max_graph_depth
	no_targets
	awk '
		{
			depth = match($0, /\|  +[^ ]/) ? RLENGTH - 4 : 0
			for (i = 2; i <= NF; i++)
				if ($i == "us" && $(i - 1) ~ /^[0-9.]+$/)
					us = $(i - 1)
		}
		/\{$/ { name[depth] = $(NF - 1) == "|" ? $NF : $(NF - 1); next }
		/\}/ {
			total[depth " " name[depth]] += us
			calls[depth " " name[depth]]++
			next
		}
		/;$/ { total[depth " " $NF] += us; calls[depth " " $NF]++ }
		END {
			for (f in total)
				if (total[f] > 20) {
					split(f, part, " ")
					printf "%d %10.0f us %6d calls %s\n", \
						part[1] / 2, total[f], calls[f], part[2]
				}
		}' "$COPIES/trace" | sort -k 1,1n -k 2,2nr
}

for section; do
	name=${section%%:*}
	arguments=()
	[ "$name" = "$section" ] || IFS=, read -ra arguments <<<"${section#*:}"
	# Where a section has come to, on the console.
	echo "measure: $section" >/dev/kmsg
	"$name" "${arguments[@]}"
done
