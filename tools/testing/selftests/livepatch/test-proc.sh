#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# /proc/PID/patch_state: -1 outside of transitions, else 1 for a task that uses
# the new code and 0 for one that uses the old.

. "$(dirname "$0")/klp.sh"

FUNCS=test_klp_park:klp_park_kthread,test_klp_park:klp_park_killable
PATCH=$KLP_SYSFS/test_klp_patch_a

state() {
	is "/proc/$1/patch_state" "$2"
}

# Tasks come and go while this looks; only one that says something wrong counts.
all_idle() {
	local file

	for file in /proc/[0-9]*/task/[0-9]*/patch_state; do
		slurp "$file" || continue
		[ "$TEXT" = -1 ] || return 1
	done
}

no_transition() {
	all_idle || fail "a task is in a transition that nobody began"
	load test_klp_park
	enable test_klp_patch_a funcs="$FUNCS"
	all_idle || fail "a task is in a transition that is over"
}

patching() {
	local kthread

	load test_klp_park
	park_kthreads 1
	park_reader killable
	kthread=$(kthread_pid klp_parked/0)
	load test_klp_patch_a funcs="$FUNCS"
	wait_until state $$ 1
	state "$kthread" 0 || fail "the kthread has switched"
	state "$READER" 0 || fail "the reader has switched"
	state "$READER/task/$READER" 0 || fail "the thread has switched"
	release
	wait_until transition_done test_klp_patch_a
	all_idle || fail "a task is in a transition that is over"
}

unpatching() {
	local kthread

	load test_klp_park
	enable test_klp_patch_a funcs="$FUNCS"
	park_kthreads 1
	park_reader killable
	kthread=$(kthread_pid klp_parked/0)
	write 0 "$PATCH/enabled"
	wait_until state $$ 0
	state "$kthread" 1 || fail "the kthread has switched"
	state "$READER" 1 || fail "the reader has switched"
	release
	wait_until gone "$PATCH"
	all_idle || fail "a task is in a transition that is over"
}

# A child does what its parent does.
forked() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$FUNCS"
	wait_until state $$ 1
	(expect "/proc/$BASHPID/patch_state" 1)
	expect /proc/self/patch_state 1
	release
	wait_until transition_done test_klp_patch_a
	expect /proc/self/patch_state -1
}

for_root_only() {
	expect_equal "mode" 400 "$(stat --format=%a /proc/self/patch_state)"
	if setpriv --reuid=65534 --clear-groups cat /proc/1/patch_state 2> /dev/null; then
		fail "an unprivileged user reads patch_state"
	fi
}

klp_run \
	"patch_state is -1 outside of transitions" no_transition \
	"patch_state tells who has switched while patching" patching \
	"patch_state tells who has switched while unpatching" unpatching \
	"patch_state is inherited" forked \
	"patch_state is for root" for_root_only
