#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a transition waits for: the file "stalled" of a livepatch, the line in the
# log, and the tracepoint say the same.

. "$(dirname "$0")/klp.sh"

KTHREAD=test_klp_park:klp_park_kthread
KILLABLE=test_klp_park:klp_park_killable
PATCH=$KLP_SYSFS/test_klp_patch_a

# Columns of a line.
SECONDS_RE='[0-9]+\.[0-9]{3}'
OFFSET_RE='\+0x[0-9a-f]+/0x[0-9a-f]+( \[\w+\])?'

# stalled [PATCH]: how many tasks are waited for.
stalled() {
	local lines

	{ mapfile -t lines < "$KLP_SYSFS/${1:-test_klp_patch_a}/stalled"; } 2> /dev/null
	echo ${#lines[@]}
}

nobody_stalled() {
	is "$PATCH/stalled" ""
}

# find_stalled PID REASON: the rest of its line is in SECONDS_WAITED and FUNCTION.
# Most tasks that are told about in the first moments have just been running.
find_stalled() {
	local pid tgid comm reason seconds function

	while read -r pid tgid comm reason seconds function; do
		[ "$pid $reason" = "$1 $2" ] || continue
		TGID=$tgid COMM=$comm SECONDS_WAITED=$seconds FUNCTION=$function
		return
	done < "$KLP_SYSFS/${3:-test_klp_patch_a}/stalled"
	return 1
}

# expect_stalled PID COMM REASON FUNCTION [PATCH]: wait until nobody else is waited
# for, and see that the task is, for this reason, in this function.
expect_stalled() {
	local patch=${5:-test_klp_patch_a}

	wait_until find_stalled "$1" "$3" "$patch"
	expect_equal "tgid" "$1" "$TGID"
	expect_equal "comm" "$2" "$COMM"
	[[ $SECONDS_WAITED =~ ^$SECONDS_RE$ ]] || fail "seconds: $SECONDS_WAITED"
	# shellcheck disable=SC2053	# a pattern
	[[ $FUNCTION = $4 ]] || fail "function: $FUNCTION, expected: $4"
}

one_left() {
	[ "$(stalled "$@")" = 1 ]
}

on_stack() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$KTHREAD"
	wait_until one_left
	expect_stalled "$(kthread_pid klp_parked/0)" klp_parked/0 on_stack \
		"klp_park_kthread+0x*/0x* \[test_klp_park\]"
	release
	wait_until transition_done test_klp_patch_a
	nobody_stalled || fail "after the transition: $TEXT"
}

# On the way back it is the livepatch's own function.
unpatching() {
	load test_klp_park
	enable test_klp_patch_a funcs="$KTHREAD"
	nobody_stalled || fail "outside of a transition: $TEXT"
	park_kthreads 1
	write 0 "$PATCH/enabled"
	wait_until one_left
	expect_stalled "$(kthread_pid klp_parked/0)" klp_parked/0 on_stack \
		"new_kthread+0x*/0x* \[test_klp_patch_a\]"
	release
	wait_until gone "$PATCH"
}

# Somebody whose stack cannot be read holds up any transition.
unreliable() {
	has_symbol orc_module_init || has_symbol unwind_module_init ||
		skip "not the ORC unwinder"
	load test_klp_park
	park_reader unreliable
	load test_klp_patch_a funcs=cmdline_proc_show
	wait_until one_left
	expect_stalled "$READER" cat unreliable \
		"klp_park_unreliable+0x*/0x* \[test_klp_park\]"
	release
	wait_until transition_done test_klp_patch_a
}

# A kthread that neither sleeps nor gives anybody a chance to look at its stack.
running() {
	[ "$(nproc)" -gt 1 ] || skip "this machine has one CPU"
	load test_klp_park
	write 1 "$KLP_PARK/spin"
	load test_klp_patch_a funcs="$KTHREAD"
	wait_until one_left
	expect_stalled "$(pgrep klp_spin)" "klp_spin/$(($(nproc) - 1))" running -
	write 0 "$KLP_PARK/spin"
	wait_until transition_done test_klp_patch_a
}

# expect_exiting: of the tasks that have called test_klp_pass, only the one that is held as
# it exits is left when it is disabled, and it is told of once.
expect_exiting() {
	write 0 "$KLP_SYSFS/test_klp_pass/enabled"
	wait_until one_left test_klp_pass
	expect_stalled "$EXITING" klp_parked/0 exiting "pass_0+0x*/0x* \[test_klp_pass\]" \
		test_klp_pass
	write 0 /sys/module/test_klp_pass/parameters/hold
	wait_until gone "$KLP_SYSFS/test_klp_pass"
}

# The task is in a new function and in no list of tasks.
exiting() {
	enable_pass proc_flush_pid
	hold_exiting test_klp_pass
	expect_exiting
}

# Whoever looks for all tasks comes to it twice: it will not be in the list of tasks for
# long, and is one of those that leave.
exiting_listed() {
	enable_pass release_task
	hold_exit test_klp_pass
	[ -e "/proc/$EXITING" ] || fail "the task is not in the list any more"
	expect_exiting
}

# park_named NAME: like park_reader killable, and the reader has that name.
park_named() {
	local before

	before=$(value "$KLP_PARK/parked")
	ln -s "$(type -P cat)" "$KLP_TMP/$1"
	(exec -a cat "$KLP_TMP/$1" "$KLP_PARK/killable" > "$KLP_TMP/read" 2>&1) &
	READER=$!
	wait_until parked $((before + 1))
}

# Whatever a task is called, there are six columns, and the last takes the rest.
names() {
	load test_klp_park
	park_named $'a b\\c\t\001\303'
	load test_klp_patch_a funcs="$KILLABLE"
	wait_until one_left
	expect_stalled "$READER" 'a\040b\134c\011\001\303' on_stack "klp_park_killable+*"
	release
	wait_until transition_done test_klp_patch_a
}

for_root_only() {
	enable test_klp_patch_a funcs=cmdline_proc_show
	expect_equal "mode" 400 "$(stat --format=%a "$PATCH/stalled")"
	if setpriv --reuid=65534 --clear-groups cat "$PATCH/stalled" 2> /dev/null; then
		fail "an unprivileged user reads stalled"
	fi
	write_refused EACCES 1 "$PATCH/stalled"
}

waits_longer_than() {
	find_stalled "$1" on_stack && [ "${SECONDS_WAITED/./}" -gt "$2" ]
}

# go_and_read FILE: a process that is there already reads it when it is told to.
go_and_read() {
	trap - ERR EXIT
	wait_until [ -e "$KLP_TMP/go" ]
	exec cat "$1"
}

# start_reader FILE: such a process. Its id is in READER.
start_reader() {
	rm -f "$KLP_TMP/go"
	go_and_read "$1" > "$KLP_TMP/read" 2>&1 &
	READER=$!
}

# A transition that turns round waits for others, from then on: of the second that it has
# waited in the other direction no more than half may count.
reversed() {
	local kthread turned since

	load test_klp_park
	park_kthreads 1
	kthread=$(kthread_pid klp_parked/0)
	# Nobody is waited for for longer than he has lived.
	start_reader "$KLP_PARK/killable"
	load test_klp_patch_a funcs="$KTHREAD,$KILLABLE"
	wait_until waits_longer_than "$kthread" 1000
	touch "$KLP_TMP/go"
	wait_until parked 2
	turned=${EPOCHREALTIME/./}
	write 0 "$PATCH/enabled"
	wait_until one_left
	expect_stalled "$READER" cat on_stack "new_killable+* \[test_klp_patch_a\]"
	since=$(((${EPOCHREALTIME/./} - turned) / 1000))
	[ "$((10#${SECONDS_WAITED/./}))" -lt "$((since + 500))" ] ||
		fail "waited for $SECONDS_WAITED s already, $since ms after it was turned round"
	write 1 "$PATCH/enabled"
	wait_until one_left
	expect_stalled "$kthread" klp_parked/0 on_stack "klp_park_kthread+*"
	release
	wait_until transition_done test_klp_patch_a
}

# The same while somebody is about to look at all tasks: what he told then would be of the
# direction in which nobody is waited for any more.
reversed_meanwhile() {
	local kthread reader

	enable_pass walk_batch test_klp_pass alive=1 names=dd
	load test_klp_park
	park_kthreads 1
	kthread=$(kthread_pid klp_parked/0)
	start_reader "$KLP_PARK/killable"
	load test_klp_patch_a funcs="$KTHREAD,$KILLABLE"
	expect_waits test_klp_patch_a 1 "$kthread"
	touch "$KLP_TMP/go"
	wait_until parked 2
	write 1 /sys/module/test_klp_pass/parameters/hold
	dd if="$PATCH/stalled" of="$KLP_TMP/stalled" bs=64K status=none &
	reader=$!
	wait_until is /sys/module/test_klp_pass/parameters/held 1
	write 0 "$PATCH/enabled"
	write 0 /sys/module/test_klp_pass/parameters/hold
	wait "$reader"
	grep -q "^$READER " "$KLP_TMP/stalled" || fail "$READER is not in $(< "$KLP_TMP/stalled")"
	! grep "^$kthread " "$KLP_TMP/stalled" || fail "$kthread is still waited for"
	release
	wait_until gone "$PATCH"
	remove test_klp_pass
}

callback_runs() {
	grep -q "pre_patch test_klp_target" /sys/module/test_klp_patch_a/parameters/calls
}

waits_for_lock() {
	[[ $(< "/proc/$1/stat") = *") D "* ]]
}

look_at_parked() {
	expect_stalled "$(kthread_pid klp_parked/0)" klp_parked/0 on_stack "klp_park_kthread+*"
	touch "$KLP_TMP/looked"
}

# stack_order takes the lock that the callback is called with.
while_locked() {
	local pause=/sys/module/test_klp_patch_a/parameters/pause order

	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$KTHREAD,test_klp_target:klp_target_value" callbacks=1
	write 1 "$pause"
	defer write 0 "$pause"
	load_aside test_klp_target
	wait_until callback_runs
	cat "$PATCH/stack_order" > "$KLP_TMP/order" &
	order=$!
	wait_until waits_for_lock "$order"
	look_at_parked &
	wait_until test -e "$KLP_TMP/looked"
	waits_for_lock "$order" || fail "the lock was not held"
	write 0 "$pause"
	wait
	expect "$KLP_TMP/order" 1
	release
	wait_until transition_done test_klp_patch_a
}

# stall_many NUMBER
stall_many() {
	load test_klp_park
	park_kthreads "$1"
	load test_klp_patch_a funcs="$KTHREAD"
	wait_until only_parked
}

only_parked() {
	! grep -qv klp_parked/ "$PATCH/stalled"
}

# expect_complete FILE NUMBER: each of so many parked kthreads once, by their numbers, and
# nothing else. Nobody else has that name. Of 20,000 lines, looking for the kthreads in /proc
# would take longer than all the rest, and so would a reference back in the pattern.
expect_complete() {
	local line="[0-9]+ [0-9]+ klp_parked/[0-9]+ on_stack $SECONDS_RE klp_park_kthread$OFFSET_RE"

	! grep -m 3 -vxE "$line" "$1" ||
		fail "lines of other kinds in $1"
	awk -v number="$2" '
		$1 != $2 || $1 <= last { print "line " NR ": " $0; wrong = 1; exit }
		{ last = $1 }
		END { exit wrong || NR != number }' "$1" || fail "$1 is not complete"
}

# However it is read.
many() {
	stall_many 2000
	cat "$PATCH/stalled" > "$KLP_TMP/stalled"
	expect_complete "$KLP_TMP/stalled" 2000
	dd if="$PATCH/stalled" of="$KLP_TMP/stalled" bs=61 status=none
	expect_complete "$KLP_TMP/stalled" 2000
	dd if="$PATCH/stalled" of="$KLP_TMP/stalled" bs=1M status=none
	expect_complete "$KLP_TMP/stalled" 2000
	release
	wait_until transition_done test_klp_patch_a
}

# allow_tasks NUMBER: or skip.
allow_tasks() {
	local memory max=/proc/sys/kernel/threads-max

	! has_symbol __asan_load8 || skip "a kernel that checks each access takes too long"
	[ "$1" -le "$KLP_THREADS" ] || skip "KLP_THREADS is $KLP_THREADS: $1 would take too long"
	memory=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
	[ "$memory" -gt $(($1 * 34)) ] || skip "too little memory for $1 tasks: $memory kB"
	defer write "$(value "$max")" "$max"
	write $(($1 * 2)) "$max"
}

very_many() {
	allow_tasks 20000
	# Before nobody may fork any more.
	defer stop_kthreads
	stall_many 20000
	cat "$PATCH/stalled" > "$KLP_TMP/stalled"
	expect_complete "$KLP_TMP/stalled" 20000
	release
	wait_until transition_done test_klp_patch_a
}

# The file is open, and half read, when the livepatch goes.
gone_while_open() {
	local fresh used error

	load test_klp_park
	enable test_klp_patch_a funcs="$KTHREAD"
	park_kthreads 20
	write 0 "$PATCH/enabled"
	exec {fresh}< "$PATCH/stalled" {used}< "$PATCH/stalled"
	dd bs=100 count=1 status=none <&"$used" > "$KLP_TMP/part"
	[ -s "$KLP_TMP/part" ] || fail "there is nothing to read"
	release
	wait_until gone "$PATCH"
	unload test_klp_patch_a
	for file in $fresh $used; do
		if error=$(cat <&"$file" 2>&1); then
			fail "a livepatch that is gone waits for: $error"
		fi
		[[ $error = *"${KLP_ERROR[ENODEV]}"* ]] ||
			fail "reading gave: $error, expected: ENODEV"
	done
	exec {fresh}<&- {used}<&-
}

# In one go: a line that is not whole, or a word that is none, ends up in a file.
read_stalled() {
	local line="[0-9]+ [0-9]+ \S+ (on_stack|unreliable|running|exiting) $SECONDS_RE (-|\S+$OFFSET_RE)"

	dd if="$PATCH/stalled" bs=64K status=none | grep -vxE "$line" >> "$KLP_TMP/wrong"
}

# The livepatch may go, or the transition end, in the middle.
read_slowly() {
	dd if="$PATCH/stalled" bs=61 status=none > /dev/null
}

# It may just have gone.
turn() {
	{ echo "$1" > "$PATCH/enabled"; } 2> /dev/null || :
}

settled() {
	gone "$PATCH" || transition_done test_klp_patch_a
}

disabled_at_last() {
	turn 0
	gone "$PATCH"
}

races() {
	local i

	load test_klp_park
	hammer read_stalled &
	hammer read_slowly &
	for ((i = 0; i < 5 * KLP_STRESS; i++)); do
		park_kthreads 20
		load test_klp_patch_a funcs="$KTHREAD"
		turn 0
		turn 1
		release
		wait_until settled
		write 1 "$KLP_PARK/hold"
		park_kthreads 20
		turn 0
		turn 1
		release
		wait_until settled
		wait_until disabled_at_last
		unload test_klp_patch_a
		write 1 "$KLP_PARK/hold"
	done
	end_hammers
	expect "$KLP_TMP/wrong" ""
}

# Only what the summary has in common with nothing else.
summaries() {
	log_since_mark | grep -c "test_klp_patch_a.*tasks left: .*/stalled" || :
}

summary_there() {
	log_has test_klp_patch_a "tasks left: 4 (3 on_stack in klp_park_kthread" klp_parked/ \
		"1 on_stack in klp_park_killable" "such as \nklp_parked\001, pid $READER)" \
		"$PATCH/stalled" stalled-transitions.rst
}

# One line for all of them, whatever they are called, which names the function that
# most of them are in; and not again in the next sweep.
summary() {
	local kthread

	log_mark
	load test_klp_park
	park_kthreads 3
	park_named $'\nklp_parked\001'
	kthread=$(kthread_pid klp_parked/0)
	load test_klp_patch_a funcs="$KTHREAD,$KILLABLE"
	wait_until waits_longer_than "$kthread" 1000
	[ "$(summaries)" = 0 ] || fail "too early: $(log_since_mark)"
	wait_until waits_longer_than "$kthread" 18000
	summary_there || fail "no summary: $(log_since_mark)"
	expect_equal "summaries" 1 "$(summaries)"
	expect_equal "lines that name a task" 1 "$(log_since_mark | grep -c klp_parked)"
	release
	wait_until transition_done test_klp_patch_a
}

# hold_up FUNCTION,...: a kthread, whose id is in HELD, keeps a transition from its end.
hold_up() {
	load test_klp_park
	park_kthreads 1
	HELD=$(kthread_pid klp_parked/0)
	log_mark
	load test_klp_patch_a funcs="$1"
}

summary_again() {
	[ -n "${KLP_EXACT:-}" ] || skip "a minute is long on this machine"
	hold_up "$KTHREAD"
	# Each shorter than the time after which a wait is given up.
	wait_until waits_longer_than "$HELD" 40000
	wait_until waits_longer_than "$HELD" 74000
	expect_equal "summaries in 74 s" 1 "$(summaries)"
	wait_until waits_longer_than "$HELD" 80000
	expect_equal "summaries in 80 s" 2 "$(summaries)"
}

# On the way back it is somebody else who is waited for, and not for 15 s yet.
summary_anew() {
	[ -n "${KLP_EXACT:-}" ] || skip "half a minute is long on this machine"
	hold_up "$KTHREAD,$KILLABLE"
	wait_until waits_longer_than "$HELD" 1000
	park_reader killable
	wait_until waits_longer_than "$HELD" 10000
	write 0 "$PATCH/enabled"
	wait_until waits_longer_than "$READER" 8000
	expect_equal "summaries in 10 s and 8 s" 0 "$(summaries)"
	wait_until waits_longer_than "$READER" 18000
	expect_equal "summaries in 10 s and 18 s" 1 "$(summaries)"
	expect_log "1 on_stack in new_killable [test_klp_patch_a]" "echo 1 >$PATCH/enabled"
}

traced() {
	grep -q "klp_task_blocked: comm=klp_parked/0 pid=$1 reason=on_stack function=klp_park_kthread+" \
		"$KLP_TRACING/trace"
}

tracepoint() {
	local kthread

	load test_klp_park
	park_kthreads 1
	kthread=$(kthread_pid klp_parked/0)
	write 1 "$KLP_TRACING/events/livepatch/klp_task_blocked/enable"
	defer write 0 "$KLP_TRACING/events/livepatch/klp_task_blocked/enable"
	load test_klp_patch_a funcs="$KTHREAD"
	wait_until traced "$kthread"
	release
	wait_until transition_done test_klp_patch_a
}

klp_run \
	"stalled tells who sleeps in a function that is patched" on_stack \
	"stalled tells who sleeps in a function of a livepatch that is disabled" unpatching \
	"stalled tells whose stack cannot be read" unreliable \
	"stalled tells who runs" running \
	"stalled tells who exits" exiting \
	"stalled tells once who exits and is still in the list of tasks" exiting_listed \
	"stalled escapes what tasks call themselves" names \
	"stalled is for root" for_root_only \
	"stalled follows a transition that turns round" reversed \
	"stalled is read while a transition turns round" reversed_meanwhile \
	"stalled can be read while a callback holds the lock" while_locked \
	"stalled has 2,000 tasks" many \
	"stalled has 20,000 tasks" very_many \
	"stalled outlives its livepatch and says so" gone_while_open \
	"stalled is read while livepatches come and go" races \
	"the log says once what a transition waits for, and escapes names" summary \
	"the log says it again after a minute" summary_again \
	"the log says it 15 seconds after a transition has turned round" summary_anew \
	"the tracepoint says the same" tracepoint
