# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the livepatch selftests have in common. A test script sources this file,
# defines its cases as functions, and ends with
#
#	klp_run "what must be true" function "what else" "function argument" ...
#
# which prints TAP and exits as kselftest wants it (0, 1, or 4 for skipped).
#
# Rules:
#  - A case runs in a subshell with `set -e`: the first thing that goes wrong
#    ends it. It may leave livepatches enabled and tasks parked; everything is
#    taken down after each case, and a case after which that is not possible
#    has failed.
#  - Cases assert on sysfs and on what patched functions do. Of the kernel log
#    they only ask whether it names something.
#  - Nothing sleeps for a time and hopes: wait_until polls, and gives up.
#
# KLP_MODULES	where the modules are, searched recursively
# KLP_TIMEOUT	seconds until a wait is given up (60)
# KLP_STRESS	factor for the numbers of repetitions (1)
# KLP_THREADS	how many threads are many (20000)
# KLP_MANY	how many functions are many (1000); of test-many-functions.sh
# KLP_FAULT_STEP
#		let one of so many calls fail (1); of klp-fault.sh
# KLP_KALLSYMS	a copy of /proc/kallsyms, without modules: where memory is checked, to read
#		that takes seconds (/proc/kallsyms)
# KLP_EXACT	set if the clock counts instructions: times can be held to limits

export LC_ALL=C
shopt -s extglob globstar

case ${BASH_SOURCE[0]} in
/*/*) KLP_DIR=${BASH_SOURCE[0]%/*} ;;
*/*) KLP_DIR=$PWD/${BASH_SOURCE[0]%/*} ;;
*) KLP_DIR=$PWD ;;
esac
KLP_SYSFS=/sys/kernel/livepatch
KLP_DEBUGFS=/sys/kernel/debug
KLP_TRACING=/sys/kernel/tracing
KLP_TIMEOUT=${KLP_TIMEOUT:-60}
KLP_STRESS=${KLP_STRESS:-1}
KLP_THREADS=${KLP_THREADS:-20000}
KLP_KALLSYMS=${KLP_KALLSYMS:-/proc/kallsyms}
# shellcheck disable=SC2034	# for the scripts
KLP_PARK=$KLP_DEBUGFS/test_klp_park

# ---------------------------------------------------------------- outcomes

# fail MESSAGE...: end the case. Not to standard output, which may be captured.
fail() {
	echo "$*" >&2
	exit 1
}

# skip REASON...: end the case; it could not be tried.
skip() {
	echo "$*" > "$KLP_TMP/skip"
	exit 4
}

# note TEXT...: a figure, printed with the case's result.
note() {
	echo "$*" >> "$KLP_TMP/notes"
}

# defer COMMAND...: run it when the case ends, last deferred first.
defer() {
	local command

	printf -v command '%q ' "$@"
	KLP_DEFERRED=$command$'\n'$KLP_DEFERRED
}

# finally COMMAND...: what a case that has gone well so far is held to in the end, before
# anything is taken back.
finally() {
	KLP_FINALLY=("$@")
}

# ---------------------------------------------------------------- waiting

# tick: let a twentieth of a second pass. Nobody ever writes to that pipe, and
# unlike sleep(1) this needs no new process, of which the tests make enough.
tick() {
	read -r -t 0.05 -u "$KLP_NEVER" || :
}

# wait_until COMMAND...: poll until the command succeeds.
wait_until() {
	local end=$((SECONDS + KLP_TIMEOUT))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || fail "waited $KLP_TIMEOUT s in vain for: $*"
		tick
	done
}

# ---------------------------------------------------------------- files

# slurp FILE: what it says, in TEXT. Without a process, for that is what polling
# would otherwise cost; and without complaint about a file that has just gone.
slurp() {
	local lines IFS=$'\n'

	{ mapfile -t lines < "$1"; } 2> /dev/null || return 1
	TEXT="${lines[*]}"
}

# value FILE: what it says.
value() {
	slurp "$1" && echo "$TEXT"
}

is() {
	slurp "$1" && [ "$TEXT" = "$2" ]
}

gone() {
	[ ! -e "$1" ]
}

# expect FILE VALUE
expect() {
	slurp "$1" || fail "$1 cannot be read, expected: $2"
	[ "$TEXT" = "$2" ] || fail "$1 says: ${TEXT:-nothing}, expected: $2"
}

# expect_equal WHAT EXPECTED ACTUAL
expect_equal() {
	[ "$2" = "$3" ] || fail "$1, expected:"$'\n'"$2"$'\n'"found:"$'\n'"$3"
}

# write VALUE FILE
write() {
	echo "$1" > "$2"
}

# What strerror(3) calls an errno.
declare -A KLP_ERROR=(
	[EBUSY]="Device or resource busy"
	[EINVAL]="Invalid argument"
	[ENODEV]="No such device"
	[ENOENT]="No such file or directory"
	[ENOEXEC]="Exec format error"
	[ENOMEM]="Cannot allocate memory"
	[EPERM]="Operation not permitted"
	[EACCES]="Permission denied"
)
# What the log calls it.
declare -A KLP_ERRNO=([EBUSY]=16 [EINVAL]=22)

# write_refused ERRNO VALUE FILE
write_refused() {
	local error

	if error=$( { echo "$2" > "$3"; } 2>&1 ); then
		fail "$3 accepted: $2"
	fi
	[[ $error = *"${KLP_ERROR[$1]}"* ]] || fail "$3 refused '$2' with: $error, expected: $1"
}

# write_refused_loudly ERRNO VALUE PATCH FILE: and the log tells.
write_refused_loudly() {
	log_mark
	write_refused "$1" "$2" "$KLP_SYSFS/$3/$4"
	expect_log "livepatch: '$3': " "'$4'" "(-${KLP_ERRNO[$1]})"
}

# ---------------------------------------------------------------- modules

# expect_module_file MODULE: in KLP_MODULE_FILES is its path.
expect_module_file() {
	[ -n "${KLP_MODULE_FILES[$1]:-}" ] || fail "no $1.ko below ${KLP_MODULE_DIRS[*]}"
}

# module_file MODULE: its path.
module_file() {
	expect_module_file "$1"
	echo "${KLP_MODULE_FILES[$1]}"
}

# The files do not change while a test runs: look for them once. When there are
# several of a name, the first directory has the one that is meant.
find_modules() {
	local dir file name

	declare -gA KLP_MODULE_FILES=()
	for dir in "${KLP_MODULE_DIRS[@]}"; do
		for file in "$dir"/**/*.ko; do
			[ -e "$file" ] || continue
			name=${file##*/}
			name=${name%.ko}
			[ -n "${KLP_MODULE_FILES[$name]:-}" ] || KLP_MODULE_FILES[$name]=$file
		done
	done
}

# has_symbol NAME: is this function compiled into the kernel? Not a grep that is first in
# PATH because it starts fast: the file is long.
has_symbol() {
	[ -r "$KLP_KALLSYMS" ] || fail "$KLP_KALLSYMS cannot be read"
	command -p grep -q " $1\$" "$KLP_KALLSYMS"
}

loaded() {
	[ -e "/sys/module/$1" ]
}

# start_calls: klp-call, until this shell ends. It is no job of a case.
start_calls() {
	local ask=$KLP_TMP/ask.$BASHPID answer=$KLP_TMP/answer.$BASHPID

	[ -x "$KLP_DIR/klp-call" ] || skip_all "klp-call is not built, see the Makefile"
	mkfifo "$ask" "$answer"
	exec {KLP_ASK}<> "$ask"
	"$KLP_DIR/klp-call" < "$ask" > "$answer" {KLP_ASK}>&- &
	disown
	# Nobody else has the other end: this ends when klp-call does.
	exec {KLP_ANSWER}< "$answer"
}

# call N WHAT...: make it as klp-call.c says, its answer in OUTCOME, ERRNO and ERROR. For one
# at a time: a shell that does something else meanwhile starts one of its own.
call() {
	echo "$*" >&"$KLP_ASK"
	# shellcheck disable=SC2034	# OUTCOME is for the scripts
	read -r OUTCOME ERRNO ERROR <&"$KLP_ANSWER" || fail "klp-call is gone, asked for: $*"
}

# kmod load FILE [PARAMETER=VALUE...], kmod unload MODULE
kmod() {
	call 0 "$@"
	[ "$ERRNO" = 0 ] || { echo "$*: $ERROR" >&2; return 1; }
}

# load MODULE [PARAMETER=VALUE...]
load() {
	expect_module_file "$1"
	kmod load "${KLP_MODULE_FILES[$1]}" "${@:2}"
}

# load_aside MODULE [PARAMETER=VALUE...]: by a process of its own.
load_aside() {
	expect_module_file "$1"
	insmod "${KLP_MODULE_FILES[$1]}" "${@:2}" &
}

# load_far MODULE [PARAMETER=VALUE...]: more than 64 MiB behind all others. A branch of
# ppc64le reaches 32. What others free in the meantime may be nearer: again then.
load_far() {
	local try far

	[ -n "${KLP_MODULE_FILES[test_klp_far]:-}" ] ||
		skip "all modules are within reach of calls on this architecture"
	loaded test_klp_far || load test_klp_far
	for ((try = 0; try < 20; try++)); do
		write $((64 << 20)) /sys/module/test_klp_far/parameters/distance
		load "$@"
		far=$(($(module_address "$1") - $(module_address test_klp_far)))
		[ "$far" -le $((64 << 20)) ] || return 0
		unload "$1"
	done
	fail "$1 is not far away:"$'\n'"$(< /proc/modules)"
}

# module_address MODULE: where its code is.
module_address() {
	sed -n "s/^$1 .* \(0x[0-9a-f]*\).*/\1/p" /proc/modules
}

# load_refused ERRNO MODULE [PARAMETER=VALUE...]
load_refused() {
	local errno=$1 module=$2

	expect_module_file "$2"
	shift 2
	call 0 load "${KLP_MODULE_FILES[$module]}" "$@"
	[ "$ERRNO" != 0 ] || fail "$module was loaded: $*"
	[ "$ERROR" = "${KLP_ERROR[$errno]}" ] ||
		fail "loading $module $* gave: $ERROR, expected: $errno"
	wait_until gone "/sys/module/$module"
}

unused() {
	is "/sys/module/$1/refcnt" 0
}

# unload MODULE: a livepatch that has just been disabled is let go a moment later.
unload() {
	wait_until unused "$1"
	kmod unload "$1"
	gone "/sys/module/$1" || fail "$1 is still there"
}

# program NAME: the path of one of ours.
program() {
	[ -x "$KLP_DIR/$1" ] || fail "$1 is not built, see the Makefile"
	echo "$KLP_DIR/$1"
}

# ---------------------------------------------------------------- livepatches

transition_done() {
	is "$KLP_SYSFS/$1/transition" 0
}

# enable MODULE [PARAMETER=VALUE...]: load it and see the transition through.
enable() {
	load "$@"
	wait_until transition_done "$1"
	expect "$KLP_SYSFS/$1/enabled" 1
}

# disable PATCH: and see the transition through; the module stays.
disable() {
	write 0 "$KLP_SYSFS/$1/enabled"
	wait_until gone "$KLP_SYSFS/$1"
}

# remove PATCH: disable it and remove the module.
remove() {
	disable "$1"
	unload "$1"
}

# expect_waits PATCH STATE PID: of all threads only that one is not in STATE,
# which PATCH leads to.
expect_waits() {
	expect "$KLP_SYSFS/$1/transition" 1
	wait_until all_in_state_but "$2" "$3"
	expect "$KLP_SYSFS/$1/transition" 1
}

# still_in_transition DIRECTORY: what is expected to go on is given the time of some
# sweeps to end.
still_in_transition() {
	local i

	for ((i = 0; i < 10; i++)); do
		tick
		expect "$1/transition" 1
	done
}

all_in_state_but() {
	local file left=

	for file in /proc/[0-9]*/task/[0-9]*/patch_state; do
		slurp "$file" || continue
		[ "$TEXT" != -1 ] || fail "$file: the transition did not wait for $2"
		[ "$TEXT" = "$1" ] || left+=$file
	done
	[ "$left" = "/proc/$2/task/$2/patch_state" ]
}

# The target's functions: expect_target value a
expect_target() {
	expect "/sys/module/test_klp_target/parameters/$1" "$2"
}

# ---------------------------------------------------------------- parked tasks

parked() {
	is "$KLP_PARK/parked" "$1"
}

# park_kthreads NUMBER
park_kthreads() {
	write "$1" "$KLP_PARK/kthreads"
	wait_until parked "$1"
}

# stop_kthreads: release all, and stop those that are kthreads.
stop_kthreads() {
	write 0 "$KLP_PARK/hold"
	write 0 "$KLP_PARK/kthreads"
}

kthread_pid() {
	local comm

	for comm in /proc/[0-9]*/comm; do
		if is "$comm" "$1"; then
			comm=${comm%/comm}
			echo "${comm##*/}"
			return
		fi
	done
	fail "no kthread $1"
}

# park_reader interruptible|killable|...: a process that reads the file and is
# parked. Its id is in READER; what it reads, and its errors, in $KLP_TMP/read.
park_reader() {
	local before

	before=$(value "$KLP_PARK/parked")
	cat "$KLP_PARK/$1" > "$KLP_TMP/read" 2>&1 &
	# shellcheck disable=SC2034	# for the scripts
	READER=$!
	wait_until parked $((before + 1))
}

release() {
	write 0 "$KLP_PARK/hold"
	wait_until parked 0
}

# spin_everywhere: a process on each CPU that never leaves user space.
spin_everywhere() {
	local cpu cpus spin

	spin=$(program klp-spin)
	cpus=$(nproc)
	for ((cpu = 0; cpu < cpus; cpu++)); do
		taskset --cpu-list "$cpu" "$spin" &
	done
}

# ---------------------------------------------------------------- calls that are passed on

# enable_pass FUNCTION,... [MODULE [PARAMETER=VALUE...]]: calls of these go through new
# functions, in which kthreads that were parked can be held until the case ends.
enable_pass() {
	local module=${2:-test_klp_pass}

	# The new functions jump into the middle of the old ones.
	! grep -qw ibt /proc/cpuinfo || skip "this CPU lets nobody call what is no entry"
	enable "$module" funcs="$1" names=klp_parked/ "${@:3}"
	defer release_held "/sys/module/$module/parameters/hold"
}

# Nobody is left where the module goes when a case has failed.
release_held() {
	[ ! -e "$1" ] || write 0 "$1"
}

# hold_exit MODULE: with a function passed on that exiting tasks call, a kthread exits and
# waits in the new function. Its id is in EXITING.
hold_exit() {
	local pass=/sys/module/$1/parameters

	load test_klp_park
	park_kthreads 1
	EXITING=$(kthread_pid klp_parked/0)
	release
	write 1 "$pass/hold"
	write 0 "$KLP_PARK/kthreads"
	wait_until is "$pass/held" 1
}

# hold_exiting MODULE: the same with proc_flush_pid(): it is no longer in the list of tasks.
hold_exiting() {
	hold_exit "$1"
	wait_until gone "/proc/$EXITING"
}

# ---------------------------------------------------------------- at the same time

# hammer COMMAND...: until the case says stop. That a file is gone is no failure.
hammer() {
	trap - ERR EXIT
	set +e
	while [ ! -e "$KLP_TMP/stop" ]; do
		"$@"
	done 2> /dev/null
}

end_hammers() {
	touch "$KLP_TMP/stop"
	wait
	rm "$KLP_TMP/stop"
}

# ---------------------------------------------------------------- many tasks

# more_tasks: until the case ends there may be a hundred thousand, and some.
more_tasks() {
	defer write "$(value /proc/sys/kernel/pid_max)" /proc/sys/kernel/pid_max
	defer write "$(value /proc/sys/kernel/threads-max)" /proc/sys/kernel/threads-max
	write 200000 /proc/sys/kernel/pid_max
	write 200000 /proc/sys/kernel/threads-max
}

# trace_batches: until the case ends, ftrace has the time of each batch of a walk; not
# that of others who have got the CPU meanwhile.
trace_batches() {
	write 0 "$KLP_TRACING/options/sleep-time"
	defer write 1 "$KLP_TRACING/options/sleep-time"
	write walk_batch "$KLP_TRACING/set_ftrace_filter"
	defer write "" "$KLP_TRACING/set_ftrace_filter"
	write function_graph "$KLP_TRACING/current_tracer"
	defer write nop "$KLP_TRACING/current_tracer"
}

# batches: how long each took, in microseconds, the shortest first.
batches() {
	sed -nE '/walk_batch/ s/.* ([0-9.]+) us .*/\1/p' "$KLP_TRACING/trace" | sort -g
}

# slow_walks MICROSECONDS [COMM]: so much time passes before each part of a walk through
# all tasks, for tasks to come and go; only of the walks of tasks with that name.
slow_walks() {
	has_symbol register_kprobe || skip "this kernel has no kprobes"
	load test_klp_kprobe symbol=walk_batch busy="$1" ${2:+comm="$2"}
}

# parts NUMBER: slow walks have had more parts than that.
parts() {
	[ "$(value /sys/module/test_klp_kprobe/parameters/hits)" -gt "$1" ]
}

# ---------------------------------------------------------------- events

# trace_events EVENT...: until the case ends, the trace has these of live patching ("." is
# all of them) in the order in which they came, whatever the clocks of CPUs say.
trace_events() {
	local event events=$KLP_TRACING/events/livepatch

	defer write local "$KLP_TRACING/trace_clock"
	defer write 0 "$events/enable"
	write counter "$KLP_TRACING/trace_clock"
	for event; do
		write 1 "$events/$event/enable"
	done
}

# traced_events EVENT: how many of them the trace has.
traced_events() {
	grep -c " $1: " "$KLP_TRACING/trace" || :
}

# ---------------------------------------------------------------- BPF programs

# attach_bpf KIND[,KIND...] [MODULE:]FUNCTION: see klp-bpf.c. One at a time.
attach_bpf() {
	local answer bpf

	bpf=$(program klp-bpf)
	[ -e /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF"
	coproc BPF { exec "$bpf" "$@" 2>&1; }
	read -r answer <&"${BPF[0]}"
	expect_equal "klp-bpf" attached "$answer"
}

# bpf_count: how often they have run, in COUNT.
bpf_count() {
	echo count >&"${BPF[1]}"
	# shellcheck disable=SC2034	# COUNT is for the scripts
	read -r COUNT <&"${BPF[0]}"
}

detach_bpf() {
	local input=${BPF[1]} pid=$BPF_PID

	exec {input}>&-
	wait "$pid" || fail "klp-bpf failed"
}

# ---------------------------------------------------------------- the whole system

# snapshot: everything that a refused livepatch must not have changed, in SNAPSHOT.
# Taken twice in most cases that refuse something: no process, and few files.
snapshot() {
	local path lines
	local modules=(/sys/module/*)

	# Without addresses: a module that came back may be in another place.
	mapfile -t lines < /proc/modules
	lines=("${lines[@]/ 0x+([0-9a-f])/}" "${modules[@]}")
	mapfile -t -O ${#lines[@]} lines < "$KLP_TRACING/enabled_functions"
	printf -v SNAPSHOT '%s\n' "${lines[@]%%$'\t'tramp:*}"
	for path in "$KLP_SYSFS"/**; do
		TEXT=
		# Not who is still waited for, which is another matter at every time.
		[[ -d $path || $path = */@(stalled|force) ]] || slurp "$path" || :
		SNAPSHOT+="$path $TEXT"$'\n'
	done
}

# expect_unchanged WHEN BEFORE: everything is as in that snapshot, but for the order of modules
# and of their functions.
expect_unchanged() {
	snapshot
	[ "$2" = "$SNAPSHOT" ] ||
		expect_equal "the system $1" "$(sort <<< "$2")" "$(sort <<< "$SNAPSHOT")"
}

# log_mark: log_has looks at what the kernel says after this. What was said before
# is on the console; to go through all of it again and again takes long.
log_mark() {
	call 0 forget
	[ "$ERRNO" = 0 ] || fail "the log cannot be cleared: $ERROR"
	KLP_MARK="livepatch selftest mark $$.$RANDOM.$RANDOM"
	echo "$KLP_MARK" > /dev/kmsg
}

# read_log: what the kernel has said since the mark, in LOG, a line each. From a file, for
# from a pipe bash reads each byte by itself.
read_log() {
	local last

	call 0 log "$KLP_TMP/log"
	[ "$ERRNO" = 0 ] || fail "the log cannot be read: $ERROR"
	mapfile -t LOG < "$KLP_TMP/log"
	for ((last = ${#LOG[@]} - 1; last >= 0; last--)); do
		[[ ${LOG[last]} != *"$KLP_MARK"* ]] || break
	done
	[ "$last" -ge 0 ] || fail "the log does not reach back far enough"
	LOG=("${LOG[@]:last + 1}")
}

log_since_mark() {
	read_log
	printf '%s\n' "${LOG[@]}"
}

# log_has WORD...: one line with all of these in it.
log_has() {
	local line word

	read_log
	for line in "${LOG[@]}"; do
		for word; do
			[[ $line = *"$word"* ]] || continue 2
		done
		return 0
	done
	return 1
}

expect_log() {
	log_has "$@" || fail "no line of the log names: $*"$'\n'"$(log_since_mark)"
}

# ---------------------------------------------------------------- running

# A forced transition pins a livepatch for ever. Only these are ever forced.
KLP_PINNED="test_klp_patch_f test_klp_patch_g test_klp_patch_h test_klp_patch_i test_klp_pass_f"

all_disabled() {
	local patch left=0

	for patch in "$KLP_SYSFS"/{test_klp,livepatch}_*; do
		[ -e "$patch" ] || continue
		left=1
		if is "$patch/enabled" 1; then
			echo 0 2> /dev/null > "$patch/enabled"
		fi
	done
	[ $left = 0 ]
}

all_unloaded() {
	local module left=0

	while read -r module _; do
		[[ $module = @(test_klp|livepatch)_* && " $KLP_PINNED " != *" $module "* ]] || continue
		left=1
		if unused "$module"; then
			kmod unload "$module"
		fi
	done < /proc/modules
	[ $left = 0 ]
}

# Undo what a case left, however it ended.
clean_up() {
	if [ -d "$KLP_PARK" ]; then
		write 0 "$KLP_PARK/hold"
		write 0 "$KLP_PARK/kthreads"
		write 0 "$KLP_PARK/busy"
		write 0 "$KLP_PARK/spin"
	fi
	wait_until all_disabled
	wait_until all_unloaded
}

end_case() {
	local status=$? jobs commands command

	set +e
	trap - ERR
	mapfile -t commands <<< "$KLP_DEFERRED"
	for command in "${commands[@]}"; do
		eval "$command" || { status=1; echo "this failed at the end: $command"; }
	done
	jobs -p > "$KLP_TMP/jobs"
	mapfile -t jobs < "$KLP_TMP/jobs"
	[ ${#jobs[@]} = 0 ] || kill "${jobs[@]}" 2> /dev/null
	clean_up
	exit "$status"
}

# run_case COMMAND: in a subshell that ends when the command does.
run_case() (
	KLP_DEFERRED=""
	KLP_FINALLY=(:)
	set -eE
	trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
	trap end_case EXIT
	# shellcheck disable=SC2086	# a function and its arguments
	$1
	"${KLP_FINALLY[@]}"
)

# Not to be able to test at all is said once, instead of a plan.
skip_all() {
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 4
}

# comment FILE: as TAP has it.
comment() {
	local lines

	mapfile -t lines < "$1"
	printf '# %s\n' "${lines[@]}"
}

klp_run() {
	local number=0 failed=0 skipped=0 count=$(($# / 2)) status what

	[ "$EUID" = 0 ] || skip_all "must be run as root"
	[ -d "$KLP_SYSFS" ] || skip_all "this kernel has no live patching"
	[ -d "$KLP_DEBUGFS/tracing" ] || skip_all "debugfs is not mounted on $KLP_DEBUGFS"
	[ -e "$KLP_TRACING/README" ] || mount -t tracefs nodev "$KLP_TRACING" || exit 1

	KLP_TMP=$(mktemp -d) || exit 1
	trap 'rm -rf "$KLP_TMP"' EXIT
	mkfifo "$KLP_TMP/never"
	exec {KLP_NEVER}<> "$KLP_TMP/never"
	start_calls

	echo "TAP version 13"
	echo "1..$count"
	while [ $# -gt 0 ]; do
		number=$((number + 1))
		what="$number - $1"
		[ ! -e "$KLP_TMP/skip" ] || rm "$KLP_TMP/skip"
		[ ! -e "$KLP_TMP/notes" ] || rm "$KLP_TMP/notes"
		run_case "$2" > "$KLP_TMP/output" 2>&1
		status=$?
		if [ $status = 0 ]; then
			echo "ok $what"
		elif [ $status = 4 ] && [ -e "$KLP_TMP/skip" ]; then
			skipped=$((skipped + 1))
			echo "ok $what # SKIP $(< "$KLP_TMP/skip")"
		else
			failed=$((failed + 1))
			echo "not ok $what"
			comment "$KLP_TMP/output"
		fi
		[ ! -e "$KLP_TMP/notes" ] || comment "$KLP_TMP/notes"
		shift 2
	done

	[ $failed = 0 ] || exit 1
	[ $skipped -lt "$count" ] || exit 4
	exit 0
}

if [ -n "${KLP_MODULES:-}" ]; then
	KLP_MODULE_DIRS=("$KLP_MODULES")
else
	KLP_MODULE_DIRS=("$KLP_DIR/test_modules" "/lib/modules/$(uname -r)")
fi
find_modules
