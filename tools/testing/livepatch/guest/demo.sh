#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: two programs read a file of /proc in a loop, and never stop or
# start again, while the kernel function behind it is patched, patched again
# and given back.

. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/livepatch.sh"

title() {
	printf '\n--- %s\n' "$*"
}

run() {
	printf '    # %s\n' "$*"
	eval "$*"
}

fail() {
	echo "The demo failed: $*"
	exit 1
}

# What the two programs read last, as each wrote it down itself.
show_programs() {
	local program

	for program in 1 2; do
		printf '    program %s, pid %s, reads: %s\n' $program "${pids[program]}" \
			"$(tail -n 1 "/tmp/program-$program" | cut -c 1-50)"
	done
}

both_read() {
	[[ "$(tail -n 1 /tmp/program-1)" = "$1"* && "$(tail -n 1 /tmp/program-2)" = "$1"* ]]
}

# Reads without starting another program, so that it is one task from the
# first line to the last.
program() {
	local line

	while :; do
		read -r line </proc/cmdline
		echo "$line"
		read -r -t 0.02 <>/tmp/never
	done >"/tmp/program-$1"
}

# expect TEXT: both programs soon read what begins so, and are shown.
expect() {
	wait_for both_read "$1" >/dev/null || fail "the programs do not read '$1'"
	show_programs
}

wait_for_transition() {
	local start=${EPOCHREALTIME/./}

	wait_for settled "$1" || fail "the transition to $1 does not end"
	printf '    every task runs the new code; waited %d ms more\n' \
		$(((${EPOCHREALTIME/./} - start) / 1000))
}

# The last reference to the module is dropped after the directory has gone.
unused() {
	[ "$(cat "/sys/module/$1/refcnt")" = 0 ]
}

unload() {
	wait_for unused "$1" || fail "$1 stays in use"
	run rmmod "$1" || fail "$1 does not unload"
}

title "Linux $(uname -r), $(nproc) CPUs. Two programs read /proc/cmdline in a loop."
mkfifo /tmp/never
for i in 1 2; do
	program $i &
	pids[i]=$!
done
expect 'console='

title "Load a livepatch. It replaces the function behind that file."
run insmod livepatch-sample.ko || fail "the livepatch does not load"
wait_for_transition livepatch_sample
run cat "$SYSFS/livepatch_sample/enabled"
expect 'this has been live patched'

title "Disable it, while they run: the original code is back."
run "echo 0 >$SYSFS/livepatch_sample/enabled"
wait_for gone livepatch_sample || fail "the livepatch does not go"
expect 'console='
unload livepatch_sample

title "A cumulative livepatch, version 1: two functions and a setting."
run insmod livepatch-cumulative-v1.ko || fail "version 1 does not load"
wait_for_transition livepatch_cumulative_v1
expect 'cmdline: first cumulative livepatch'
run cat /proc/version /proc/sys/kernel/panic

title "Version 2 takes its place, in one transition; one function is given back."
run insmod livepatch-cumulative-v2.ko || fail "version 2 does not load"
wait_for_transition livepatch_cumulative_v2
expect 'cmdline: second cumulative livepatch'
run cat /proc/version /proc/sys/kernel/panic
run ls "$SYSFS"
unload livepatch_cumulative_v1

title "Disable version 2: the kernel is as it was."
run "echo 0 >$SYSFS/livepatch_cumulative_v2/enabled"
wait_for gone livepatch_cumulative_v2 || fail "version 2 does not go"
expect 'console='
run cat /proc/version /proc/sys/kernel/panic
unload livepatch_cumulative_v2

title "The same two programs ran all the time. What the kernel logged:"
dmesg | grep 'livepatch: ' | sed 's/^/    /'
echo
kill "${pids[@]}"
wait
