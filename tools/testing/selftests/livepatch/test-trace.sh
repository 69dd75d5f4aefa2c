#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The events that Documentation/livepatch/tracepoints.rst describes: which of them come,
# in which order, and what they say.

. "$(dirname "$0")/klp.sh"

TARGET=test_klp_target
VALUE=$TARGET:klp_target_value
PARK=test_klp_park:klp_park_kthread
PATCH=$KLP_SYSFS/test_klp_patch_a

# What events say of a patch, an object of it, and a function of that.
A=patch=test_klp_patch_a
CMDLINE="object=vmlinux function=cmdline_proc_show old=cmdline_proc_show+0x0\
 new=new_cmdline_proc_show+0x0 [test_klp_patch_a]"
KTHREAD="object=test_klp_park function=klp_park_kthread old=klp_park_kthread+0x0\
 [test_klp_park] new=new_kthread+0x0 [test_klp_patch_a]"
TARGET_VALUE="object=$TARGET function=klp_target_value old=klp_target_value+0x0 [$TARGET]\
 new=new_function+0x0 [test_klp_patch_a]"

# traced: the events and what they say, without the sizes of functions.
traced() {
	local unnamed=

	# Names are looked up now: a module that is gone has none.
	loaded "$TARGET" || unnamed="s/(object=$TARGET .*) old=.*/\1/;"
	sed -nE "$unnamed s/\/0x[0-9a-f]+//g; s/^.*: klp_([a-z]+_[a-z]+: )/\1/p" \
		"$KLP_TRACING/trace"
}

# expect_events EVENT...: since it was last asked, but for those of single tasks.
expect_events() {
	local text

	text=$(traced)
	expect_equal "events" "$(printf '%s\n' "$@")" "$(grep -v '^task_' <<< "$text")"
	write "" "$KLP_TRACING/trace"
}

# expect_switches PID EVENT...: the same of a task that switches.
expect_switches() {
	local text

	text=$(traced)
	expect_equal "events of task $1" "$(printf '%s\n' "${@:2}")" \
		"$(grep -E "^(transition_|task_switch: .* pid=$1 )" <<< "$text")"
}

there_and_back() {
	trace_events .
	enable test_klp_patch_a funcs="cmdline_proc_show,$VALUE"
	expect_events "object_load: $A object=vmlinux" "func_patch: $CMDLINE" \
		"transition_start: $A target=patched" "transition_complete: $A target=patched"
	load "$TARGET"
	expect_events "object_load: $A object=$TARGET" "func_patch: $TARGET_VALUE"
	unload "$TARGET"
	expect_events "func_unpatch: ${TARGET_VALUE% old=*}" "object_unload: $A object=$TARGET"
	disable test_klp_patch_a
	expect_events "transition_start: $A target=unpatched" "func_unpatch: $CMDLINE" \
		"transition_complete: $A target=unpatched" "object_unload: $A object=vmlinux"
}

# The kthread is in the way, and has never switched when the transition turns round.
turned_round() {
	local kthread

	load test_klp_park
	park_kthreads 1
	kthread=$(kthread_pid klp_parked/0)
	park_reader interruptible
	trace_events .
	load test_klp_patch_a funcs="$PARK,$VALUE"
	wait_until is "/proc/$READER/patch_state" 1
	wait_until blocked "$kthread"
	load "$TARGET"
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"

	# Another task has switched it: it was asleep all the time.
	! grep "^ *cat-$READER .*klp_task_switch" "$KLP_TRACING/trace" || fail "it was not asleep"
	expect_switches "$READER" "transition_start: $A target=patched" \
		"task_switch: comm=cat pid=$READER state=patched" \
		"transition_reverse: $A target=unpatched" \
		"transition_start: $A target=unpatched" \
		"task_switch: comm=cat pid=$READER state=unpatched" \
		"transition_complete: $A target=unpatched"
	expect_switches "$kthread" "transition_start: $A target=patched" \
		"transition_reverse: $A target=unpatched" \
		"transition_start: $A target=unpatched" \
		"transition_complete: $A target=unpatched"
	expect_events "object_load: $A object=test_klp_park" "func_patch: $KTHREAD" \
		"transition_start: $A target=patched" \
		"object_load: $A object=$TARGET" "func_patch: $TARGET_VALUE" \
		"transition_reverse: $A target=unpatched" \
		"transition_start: $A target=unpatched" \
		"func_unpatch: $KTHREAD" "func_unpatch: $TARGET_VALUE" \
		"transition_complete: $A target=unpatched" \
		"object_unload: $A object=test_klp_park" "object_unload: $A object=$TARGET"
}

blocked() {
	grep -qE "klp_task_blocked: comm=klp_parked/0 pid=$1 reason=on_stack\
 function=klp_park_kthread\+0x[^ ]+ \[test_klp_park\]$" "$KLP_TRACING/trace"
}

# expect_synced FROM TO: between the two each CPU has passed through its scheduler, so that no
# handler is left that has seen what was before FROM.
expect_synced() {
	awk -v from="$1" -v to="$2" -v cpus="$(nproc)" '
		index($0, " " from ": ") { on = 1; passed = 0; split("", seen) }
		on && / pass_through_scheduler <-/ && match($0, /\[[0-9]+\]/) {
			passed += !seen[substr($0, RSTART, RLENGTH)]++
		}
		on && index($0, " " to ": ") { on = 0; found = 1; bad = bad || passed < cpus }
		END { exit bad || !found }' "$KLP_TRACING/trace" ||
		fail "no wait for handlers from $1 to $2"
}

# Whatever handlers may still use is waited for, in each direction.
handlers() {
	trace_events .
	write 1 "$KLP_TRACING/events/module/module_free/enable"
	defer write 0 "$KLP_TRACING/events/module/module_free/enable"
	write pass_through_scheduler "$KLP_TRACING/set_ftrace_filter"
	defer write "" "$KLP_TRACING/set_ftrace_filter"
	write function "$KLP_TRACING/current_tracer"
	defer write nop "$KLP_TRACING/current_tracer"

	load "$TARGET"
	write "" "$KLP_TRACING/trace"
	enable test_klp_patch_a funcs="cmdline_proc_show,$VALUE"
	expect_synced klp_transition_start klp_transition_complete
	unload "$TARGET"
	expect_synced klp_func_unpatch module_free
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"
	expect_synced klp_func_unpatch klp_transition_complete
	unload test_klp_patch_a

	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$PARK"
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH"
	expect_synced klp_transition_reverse klp_transition_start
}

# What the new livepatch does not have is given back, which takes a function of its own.
replaced() {
	local b=patch=test_klp_patch_b nop

	enable test_klp_patch_a funcs=cmdline_proc_show
	load "$TARGET"
	trace_events .
	enable test_klp_patch_b funcs="$VALUE" replace=1
	wait_until gone "$PATCH"
	nop="object=vmlinux function=cmdline_proc_show old=cmdline_proc_show+0x0"
	nop+=" new=cmdline_proc_show+0x0"
	expect_events "object_load: $b object=$TARGET" "object_load: $b object=vmlinux" \
		"func_patch: ${TARGET_VALUE/patch_a/patch_b}" "func_patch: $nop" \
		"transition_start: $b target=patched" \
		"func_unpatch: $CMDLINE" "func_unpatch: $nop" \
		"transition_complete: $b target=patched" \
		"object_unload: $A object=vmlinux"
}

# A transition that could not be started has completed: everybody stays where he is.
vetoed() {
	trace_events .
	load_refused ENODEV test_klp_patch_a funcs=cmdline_proc_show callbacks=1 veto=vmlinux
	expect_events "object_load: $A object=vmlinux" \
		"transition_complete: $A target=unpatched" "object_unload: $A object=vmlinux"
}

refused() {
	load "$TARGET"
	trace_events .
	load_refused EINVAL test_klp_patch_a funcs="cmdline_proc_show,$TARGET:klp_target_nothing"
	expect_events "object_load: $A object=vmlinux" "object_unload: $A object=vmlinux"
}

refused_target() {
	enable test_klp_patch_a funcs="$VALUE" callbacks=1 veto="$TARGET"
	trace_events .
	load_refused ENODEV "$TARGET"
	expect_events "object_load: $A object=$TARGET" "object_unload: $A object=$TARGET"
}

klp_run \
	"a livepatch, and a target that comes and goes" there_and_back \
	"a transition that turns round" turned_round \
	"atomic replace" replaced \
	"handlers are waited for" handlers \
	"a transition that is not started" vetoed \
	"a livepatch that is refused" refused \
	"a target that is refused" refused_target
