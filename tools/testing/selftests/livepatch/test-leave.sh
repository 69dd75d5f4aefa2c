#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A livepatch may be removed when its transition to unpatched is over, or when it has
# been replaced: then nobody may be in its code any more, be it in a new function or in
# one that a new function has jumped to, which leaves no trace on the stack.

. "$(dirname "$0")/klp.sh"

VALUE=test_klp_target:klp_target_value
TAIL=test_klp_park:klp_park_tail

# park_in A-LIVEPATCH: the reader is in a function that the new function ends with.
park_in() {
	load test_klp_target
	load test_klp_park
	enable "$1" funcs="$TAIL"
	park_reader tail
}

# leave ANSWER: what the reader was in.
leave() {
	release
	wait "$READER"
	expect "$KLP_TMP/read" "$1"
}

disabled() {
	park_in test_klp_patch_a
	write 0 "$KLP_SYSFS/test_klp_patch_a/enabled"
	expect_waits test_klp_patch_a 0 "$READER"
	grep -q "^$READER .*\[test_klp_patch_a\]" "$KLP_SYSFS/test_klp_patch_a/stalled" ||
		fail "stalled says: $(< "$KLP_SYSFS/test_klp_patch_a/stalled")"
	leave a
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	unload test_klp_patch_a
}

replaced() {
	park_in test_klp_patch_a
	load test_klp_patch_c funcs="$VALUE" replace=1
	expect_waits test_klp_patch_c 1 "$READER"
	leave a
	wait_until transition_done test_klp_patch_c
	unload test_klp_patch_a
}

reversed() {
	load test_klp_target
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$TAIL,test_klp_park:klp_park_kthread"
	expect "$KLP_SYSFS/test_klp_patch_a/transition" 1
	park_reader tail
	write 0 "$KLP_SYSFS/test_klp_patch_a/enabled"
	expect_waits test_klp_patch_a 0 "$READER"
	leave a
	wait_until gone "$KLP_SYSFS/test_klp_patch_a"
	unload test_klp_patch_a
}

# Nothing of the older livepatch goes.
stacked() {
	park_in test_klp_patch_a
	enable test_klp_patch_b funcs="$VALUE"
	remove test_klp_patch_b
	leave a
}

# A thread that the livepatch has created keeps nobody waiting for it.
own_thread() {
	load test_klp_target
	enable test_klp_thread
	expect_target value t
	remove test_klp_thread
	expect_target value original
	enable test_klp_thread
	enable test_klp_patch_a funcs="$VALUE" replace=1
	unload test_klp_thread
	expect_target value a
}

own_thread_in_left() {
	load test_klp_target
	enable test_klp_thread left=1
	write 0 "$KLP_SYSFS/test_klp_thread/enabled"
	expect_waits test_klp_thread 0 "$(kthread_pid klp_thread)"
	write 0 /sys/module/test_klp_thread/parameters/left
	wait_until gone "$KLP_SYSFS/test_klp_thread"
	unload test_klp_thread
}

# The thread is in another livepatch than its own, which goes at the same time.
own_thread_elsewhere() {
	load test_klp_target
	load test_klp_park
	enable test_klp_thread
	enable test_klp_patch_a funcs="$TAIL"
	write 1 /sys/module/test_klp_thread/parameters/tail
	wait_until parked 1
	load test_klp_patch_c funcs="$VALUE" replace=1
	expect_waits test_klp_patch_c 1 "$(kthread_pid klp_thread)"
	release
	wait_until transition_done test_klp_patch_c
	unload test_klp_patch_a
	unload test_klp_thread
}

klp_run \
	"disabling waits for a task that is elsewhere in the livepatch" disabled \
	"replacing waits for a task that is elsewhere in what is replaced" replaced \
	"reversed enabling waits for a task that is elsewhere in the livepatch" reversed \
	"stacking does not wait for such a task" stacked \
	"a thread of the livepatch itself is not waited for" own_thread \
	"unless it is in a function that is left" own_thread_in_left \
	"or in another livepatch that is left" own_thread_elsewhere
