#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What nobody can be told of, because no system call waits for it: memory is missing
# when the worker completes a transition. It completes; what could not be given back
# then is given back later.

. "$(dirname "$0")/klp.sh"
. "$(dirname "$0")/klp-fault.sh"

FUNCS=test_klp_park:klp_park_kthread,test_klp_target:klp_target_value
PATCH=$KLP_SYSFS/test_klp_patch_a

# Another livepatch stays: the last of all is unhooked without any memory.
begin() {
	load test_klp_target
	load test_klp_park
	enable test_klp_patch_b funcs=cmdline_proc_show
	snapshot
	BEFORE=$SNAPSHOT
}

# begin_unpatching: it is the worker that will complete it.
begin_unpatching() {
	enable test_klp_patch_a funcs="$FUNCS"
	park_kthreads 1
	write 0 "$PATCH/enabled"
	expect "$PATCH/transition" 1
}

end_unpatching() {
	release
	wait_until gone "$PATCH"
	write 0 "$KLP_PARK/kthreads"
	write 1 "$KLP_PARK/hold"
	expect_target value original
	unload test_klp_patch_a
}

# completing TIMES: as often as the core asks again.
completing() {
	local times

	begin
	first_fail 0 klp_transition_work_fn
	for times in 1 2 3 5 8; do
		log_mark
		begin_unpatching
		fail_again "$times"
		end_unpatching
		expect "$KLP_FAILSLAB/times" 0
		end_of_failures
		expect_unchanged "after $times failures" "$BEFORE"
		expect_no_defect "$times allocations have failed"
	done
}

# The calls of a function that could not be unhooked go to the original. It is
# unhooked by whoever is the next to come; who cannot is refused.
never_completing() {
	local hooked

	begin
	log_mark
	hooked=$(grep -c klp_target_value "$KLP_TRACING/enabled_functions" || :)
	expect_equal "hooks before" 0 "$hooked"
	begin_unpatching
	first_fail -1 klp_redirect_shrink
	end_unpatching
	expect_log "cannot unhook"
	grep -q klp_target_value "$KLP_TRACING/enabled_functions" || fail "it is unhooked"

	load_refused ENOMEM test_klp_patch_a funcs="$FUNCS"
	gone "$PATCH" || fail "what was refused is there"
	end_of_failures

	enable test_klp_patch_a funcs="$FUNCS"
	expect_target value a
	remove test_klp_patch_a
	expect_unchanged afterwards "$BEFORE"
	expect_no_defect "all allocations have failed"
}

klp_run \
	"the first allocations fail" completing \
	"all fail" never_completing
