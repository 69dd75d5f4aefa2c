#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tasks that sleep in a patched function and wait for a signal: the core wakes
# them with one that is not there. They restart their system call and never know, if it
# can be restarted. A kthread is just woken.

. "$(dirname "$0")/klp.sh"

FUNCS=test_klp_park:klp_park_interruptible
PATCH=$KLP_SYSFS/test_klp_patch_a

# The reader is parked again by the function that it was taken to.
expect_moved() {
	parked 1 || fail "the reader is not parked"
	[ -d "/proc/$READER" ] || fail "the reader gave up: $(< "$KLP_TMP/read")"
	release
	wait "$READER" || fail "the reader failed: $(< "$KLP_TMP/read")"
	expect "$KLP_TMP/read" "$1"
}

patching() {
	load test_klp_park
	park_reader interruptible
	load test_klp_patch_a funcs="$FUNCS"
	wait_until transition_done test_klp_patch_a
	wait_until parked 1
	expect_moved a
}

unpatching() {
	load test_klp_park
	enable test_klp_patch_a funcs="$FUNCS"
	park_reader interruptible
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"
	wait_until parked 1
	expect_moved original
}

sleeps_in() {
	slurp "/proc/$1/stack" && [[ $TEXT = *"$2+"* ]]
}

# epoll_wait(2) is never restarted.
not_restarted() {
	has_symbol do_epoll_wait || skip "this kernel has no function of that name"
	"$(program klp-epoll)" > "$KLP_TMP/epoll" &
	wait_until sleeps_in $! do_epoll_wait
	log_mark
	enable_pass do_epoll_wait
	wait_until sleeps_in $! pass_0
	expect "$KLP_TMP/epoll" EINTR
	expect_log "signaling remaining tasks"
}

# Nothing but being woken makes it leave.
kthread() {
	load test_klp_park
	write 1 "$KLP_PARK/sleepers"
	wait_until parked 1
	log_mark
	load test_klp_patch_a funcs=test_klp_park:klp_park_sleep
	expect_waits test_klp_patch_a 1 "$(kthread_pid klp_parked/0)"
	wait_until transition_done test_klp_patch_a
	parked 0 || fail "the kthread is still parked"
	expect "$KLP_PARK/kthread" original
	expect_log "signaling remaining tasks"
}

# Who does not want to wait for that.
stopped_and_continued() {
	load test_klp_park
	park_reader interruptible
	log_mark
	load test_klp_patch_a funcs="$FUNCS"
	expect_waits test_klp_patch_a 1 "$READER"
	kill -STOP "$READER"
	kill -CONT "$READER"
	wait_until transition_done test_klp_patch_a
	wait_until parked 1
	! log_has "signaling remaining tasks" || fail "it took a signal of the core"
	expect_moved a
}

# The kthread is not woken, for it does not sleep interruptibly.
again_and_again() {
	local line count=0

	[ -n "${KLP_EXACT:-}" ] || skip "half a minute is long on this machine"
	load test_klp_park
	park_kthreads 1
	log_mark
	load test_klp_patch_a funcs=test_klp_park:klp_park_kthread
	wait_until waited 33
	read_log
	for line in "${LOG[@]}"; do
		[[ $line != *"signaling remaining tasks" ]] || count=$((count + 1))
	done
	expect_equal "signals in 33 seconds" 2 "$count"
	parked 1 || fail "the kthread was disturbed"
}

# waited SECONDS: has the transition, for the first that is told about?
waited() {
	local seconds

	read -r _ _ _ _ seconds _ < "$PATCH/stalled" && [ "${seconds%.*}" -ge "$1" ]
}

klp_run \
	"a sleeping reader moves to the new function" patching \
	"a sleeping reader moves back to the original" unpatching \
	"a process whose call cannot be restarted sees one EINTR" not_restarted \
	"a sleeping kthread is woken and leaves the old function" kthread \
	"a reader that is stopped and continued moves at once" stopped_and_continued \
	"there is a signal every 15 seconds" again_and_again
