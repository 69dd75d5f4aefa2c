#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All files of live patching are read and written at the same time, by root and by
# others, while livepatches come and go.

. "$(dirname "$0")/klp.sh"

# start_hammer SECONDS
start_hammer() {
	local hammer

	hammer=$(program klp-hammer)
	"$hammer" "$1" > "$KLP_TMP/hammer" 2> "$KLP_TMP/wrong" &
	HAMMER=$!
}

still_hammering() {
	kill -0 "$HAMMER" 2> /dev/null
}

# Everything was tried: files were read, writes were refused by the file and by its mode.
expect_hammered() {
	local figures

	wait "$HAMMER" || fail "the hammer failed"
	figures=$(< "$KLP_TMP/hammer")
	note "$figures; livepatches came and went $1 times"
	[[ $figures =~ ^reads\ [1-9][0-9]*\ writes\ [1-9][0-9]*\ refused\ [1-9][0-9]*\ wrong\ 0$ ]] ||
		fail "$figures"$'\n'"$(sort -u "$KLP_TMP/wrong" | head -n 20)"
	[ "$1" -gt 0 ] || fail "no livepatch came and went"
}

come_and_go() {
	local times=0

	load test_klp_target
	start_hammer $((5 * KLP_STRESS))
	while still_hammering; do
		enable test_klp_patch_a funcs=test_klp_target:klp_target_value
		remove test_klp_patch_a
		times=$((times + 1))
	done
	expect_hammered "$times"
	expect_target value original
}

# A transition with a task asleep in old code and one in new code ends in neither
# direction, and "stalled" has something to say; it turns until all is over.
turn_round() {
	local patch=$KLP_SYSFS/test_klp_patch_a times=0

	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs=test_klp_park:klp_park_kthread,test_klp_park:klp_park_killable
	wait_until is "/proc/$BASHPID/patch_state" 1
	park_reader killable
	start_hammer $((5 * KLP_STRESS))
	while still_hammering; do
		write $((times % 2)) "$patch/enabled"
		times=$((times + 1))
		expect "$patch/transition" 1
	done
	expect_hammered "$times"
	write 1 "$patch/enabled" 2> /dev/null || expect "$patch/enabled" 1
	release
	wait_until transition_done test_klp_patch_a
}

klp_run \
	"livepatches come and go" come_and_go \
	"a transition turns round" turn_round
