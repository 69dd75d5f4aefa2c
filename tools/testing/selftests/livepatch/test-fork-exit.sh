#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Processes and threads are born and die all the time while livepatches come and
# go: each sees either the old functions or the new ones, never some of each.

. "$(dirname "$0")/klp.sh"

PAIR=test_klp_target:klp_target_pair
PAIR+=,test_klp_target:klp_target_first
PAIR+=,test_klp_target:klp_target_second
FILE=$KLP_DEBUGFS/test_klp_target/pair

# start_storm [WORKERS [exec]]
start_storm() {
	local storm

	storm=$(program klp-storm)
	load test_klp_target
	expect "$FILE" original
	"$storm" "$FILE" "${@:-4}" > "$KLP_TMP/storm" &
	STORM=$!
}

# stop_storm: no answer was wrong, and there were answers of both kinds.
stop_storm() {
	local answers

	kill -TERM "$STORM"
	wait "$STORM" || fail "the storm failed"
	answers=$(< "$KLP_TMP/storm")
	[[ $answers =~ ^original\ [1-9][0-9]*\ patched\ [1-9][0-9]*\ wrong\ 0$ ]] ||
		fail "answers: $answers"
}

come_and_go() {
	local i

	start_storm
	for ((i = 0; i < 3 * KLP_STRESS; i++)); do
		enable test_klp_patch_a funcs="$PAIR"
		remove test_klp_patch_a
	done
	stop_storm
	expect "$FILE" original
}

replace_each_other() {
	local i old new

	start_storm
	old=test_klp_patch_b
	new=test_klp_patch_a
	enable "$old" funcs="$PAIR"
	for ((i = 0; i < 3 * KLP_STRESS; i++)); do
		enable "$new" funcs="$PAIR" replace=1
		wait_until gone "$KLP_SYSFS/$old"
		unload "$old"
		read -r old new <<< "$new $old"
	done
	remove "$old"
	stop_storm
	expect "$FILE" original
}

# Giving up the states of that many tasks takes long enough for others to be born
# meanwhile. They must have one while functions still ask for it, or the kernel warns:
# klp_transition_settle() used to stop giving them one before that.
born_when_settling() {
	local i

	log_mark
	load test_klp_park
	park_kthreads "$((KLP_THREADS < 3000 ? KLP_THREADS : 3000))"
	start_storm
	for ((i = 0; i < 5 * KLP_STRESS; i++)); do
		enable test_klp_patch_a funcs="$PAIR"
		remove test_klp_patch_a
	done
	stop_storm
	if log_has klp_redirect_handler; then
		fail "$(log_since_mark)"
	fi
}

# Not all of them: wherever a transition is, turning it round must do no harm.
turn_round() {
	local i turned=0

	trace_events klp_transition_reverse
	start_storm
	for ((i = 0; i < 3 * KLP_STRESS || (turned == 0 && i < 50); i++)); do
		load test_klp_patch_a funcs="$PAIR"
		{ echo 0 > "$KLP_SYSFS/test_klp_patch_a/enabled"; } 2> /dev/null || :
		{ echo 1 > "$KLP_SYSFS/test_klp_patch_a/enabled"; } 2> /dev/null || :
		wait_until patched_or_gone
		if [ -e "$KLP_SYSFS/test_klp_patch_a" ]; then
			disable test_klp_patch_a
		fi
		unload test_klp_patch_a
		turned=$(traced_events klp_transition_reverse)
	done
	[ "$turned" -gt 0 ] || fail "no transition turned round"
	enable test_klp_patch_a funcs="$PAIR"
	wait_until patched_answers
	remove test_klp_patch_a
	stop_storm
}

# fill_batches OTHERS: park so many kthreads that, with all tasks that there are and OTHERS, a
# walk rests at the last one: it does so whenever it has passed WALK_BATCH of them.
fill_batches() {
	local batch=1024 tasks=(/proc/[0-9]*/task/[0-9]*)

	park_kthreads $((batch - (${#tasks[@]} + $1) % batch))
}

# What replaces the first thread of a process is somewhere else in the list of tasks; or
# rather, the first thread is no longer in the list, and a walk may just rest there: batches
# end among the storm's tasks.
exec_while_walking() {
	local i workers=4

	load test_klp_park
	fill_batches $((3 * workers / 2))
	start_storm "$workers" exec
	slow_walks 5000
	for ((i = 0; i < 2 * KLP_STRESS; i++)); do
		enable test_klp_patch_a funcs="$PAIR"
		wait_until patched_answers
		remove test_klp_patch_a
	done
	unload test_klp_kprobe
	stop_storm
}

patched_answers() {
	is "$FILE" a
}

# A transition that has ended is not enough: after one that unpatched, the
# livepatch is still in sysfs for a moment.
patched_or_gone() {
	gone "$KLP_SYSFS/test_klp_patch_a" ||
		{ is "$KLP_SYSFS/test_klp_patch_a/enabled" 1 && transition_done test_klp_patch_a; }
}

klp_run \
	"livepatches come and go in a storm of processes" come_and_go \
	"livepatches replace each other in a storm of processes" replace_each_other \
	"transitions turn round in a storm of processes" turn_round \
	"threads take each other's places while others are looked at" exec_while_walking \
	"processes that are born when a transition settles have a state" born_when_settling
