#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Check the model of transitions and the litmus tests with spin, and that model and
# code name the same steps. Prints TAP without numbers.
#
#	[JOBS=N] [PASSED=FILE] check.sh [WORDS]
#
# With WORDS only the checks of the model that have these in their name. FILE remembers
# what has passed: as nothing but these files and spin decides what comes out, it is not
# checked again until one of them changes.
#
# Whatever holds is shown to be able to fail: a model that is broken in one place
# must fail, and so must a litmus test without one of its barriers.

set -u

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
JOBS=${JOBS:-2}
# To compile takes longer than to check.
compiler=(gcc)
! command -v ccache > /dev/null || compiler=(ccache gcc)
PASSED=${PASSED:-/dev/null}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Of what is checked in the model: "holds", or the reason of the failure that there
# must be, and what transition.pml is compiled with. The claim is checked with each part
# of the model, and with the pairs that change what a transition waits for; not with
# three, nor two that only change what it does when it has ended: there they meet no more.
# A third task is added to the claim alone: with calls in all their steps there would be
# more states than memory.
models() {
	cat <<-END
		holds DISABLE
		holds REVERSE=1
		holds CANCEL REVERSE=1
		holds FORCE
		holds FORCE FORK
		holds FORK DISABLE
		holds FORK REVERSE=1
		holds FORK RT
		holds FORK EXIT
		holds EXIT
		holds REPLACE REVERSE=1
		holds MODULE
		holds IDLE_TASK
		holds RESCHED
		holds CLAIM
		holds CLAIM FORK
		holds CLAIM EXIT
		holds CLAIM SLEEP
		holds CLAIM REVERSE=1
		holds CLAIM IDLE_TASK
		holds CLAIM CANCEL
		holds CLAIM DISABLE
		holds CLAIM DISABLE REVERSE=1
		holds CLAIM FORCE
		holds CLAIM FORK DISABLE
		holds CLAIM FORK RT
		holds CLAIM REPLACE
		holds CLAIM REPLACE REVERSE=1
		holds CLAIM MODULE
		holds CLAIM MODULE REVERSE=1
		holds CLAIM RESCHED
		holds CLAIM TASKS=3
		holds CLAIM TASKS=3 FORK
		holds CLAIM TASKS=3 EXIT
		mixes BREAK_NO_STACK_CHECK
		mixes BREAK_NO_ENTRY
		no-state BREAK_NO_SYNC
		freed DISABLE BREAK_NO_SYNC
		no-state BREAK_NO_SETTLE_SYNC
		freed DISABLE BREAK_NO_SETTLE_SYNC
		no-state DISABLE BREAK_FLAGS_FIRST
		no-state FORK BREAK_EARLY_IDLE
		no-state FORK BREAK_NO_FORK_WAIT
		freed FORK DISABLE BREAK_FORK_FLAG
		mixes FORK BREAK_NO_INHERIT
		not-forced FORCE FORK BREAK_NO_FORCE_LOCK
		mixes FORK RT BREAK_NO_STRAGGLER
		mixes EXIT BREAK_NO_EXIT_TABLE
		mixes EXIT BREAK_TABLE_FIRST
		freed REPLACE BREAK_NOPS_FIRST
		freed REVERSE=1 BREAK_NO_REVERSE_SYNC
		freed MODULE REVERSE=1 BREAK_NO_TABLE_SYNC
		mixes MODULE BREAK_NO_FLAG_UNLOADED
		mixes IDLE_TASK BREAK_NO_CPUS_LOCK
		too-late RESCHED BREAK_NO_SECOND_LOOK
		never-ends CLAIM FORK BREAK_NO_SWEEP_FLAG
	END
}

# What spin says when it fails for a reason.
declare -A SAYS=(
	[mixes]="assertion violated (forced||"
	[no-state]="assertion violated (state\[t\]!=2)"
	[not-forced]="assertion violated (state\[i\]==target)"
	[too-late]="assertion violated (target!=2)"
	[freed]="assertion violated (\( !(retired\| !((stack\|(\?holds_\)"
	[never-ends]="acceptance cycle"
)

# verify SAFETY|CLAIM MODEL [OPTION...]: what spin says of a model.
verify() {
	local kind=$1 model=$2 options run
	shift 2

	options=(-O1 -w -DSAFETY -DNOFAIR -DCOLLAPSE -DMEMLIM=2000)
	run=(-m1000000 -n)
	if [ "$kind" = CLAIM ]; then
		options=(-O1 -w -DNFAIR=3 -DCOLLAPSE -DMEMLIM=2000)
		run+=(-a -f)
	fi
	spin "$@" -a "$model" > /dev/null && "${compiler[@]}" "${options[@]}" -c pan.c &&
		gcc -o pan pan.o || return
	timeout 600 ./pan "${run[@]}"
}

# check_model EXPECTED OPTION...: one case.
check_model() {
	local expected=$1 dir kind=SAFETY output name option options=()
	shift

	name="model: $expected: $*"
	for option; do
		options+=("-D$option")
		[ "$option" != CLAIM ] || kind=CLAIM
	done
	dir=$(mktemp -d "$scratch/model.XXXXXX")
	output=$(cd "$dir" && verify "$kind" "$here/transition.pml" "${options[@]}" 2>&1)
	rm -rf "$dir"

	# To have run out of memory, of depth or of time is not to have looked everywhere.
	if [ "$expected" = holds ] && [[ $output = *"errors: 0"* ]] &&
		[[ $output != *"max search depth"* && $output != *"not completed"* ]]; then
		echo "ok - $name, $(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' <<< "$output") states"
	elif [ "$expected" != holds ] && grep -q -e "${SAYS[$expected]}" <<< "$output"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		echo "# ${output//$'\n'/$'\n'# }"
	fi
}

# check_litmus TEST DROP: one case; if there is nothing to drop, none.
check_litmus() {
	local name dir output errors=0 expected=0

	name=$(basename "$1" .litmus)
	dir=$(mktemp -d "$scratch/litmus.XXXXXX")
	if ! awk -v drop="$2" -f "$here/litmus.awk" "$1" > "$dir/test.pml"; then
		echo "not ok - litmus: $name cannot be read"
		return
	fi
	[ -s "$dir/test.pml" ] || return 0
	output=$(cd "$dir" && spin -a test.pml && gcc -O0 -w -DSAFETY -o pan pan.c && ./pan -n)
	rm -rf "$dir"

	[ "$2" = 0 ] || { name+=" without its barrier $2"; expected=1; }
	errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' <<< "$output")
	if [ "$errors" = $expected ]; then
		echo "ok - litmus: $name: $([ $expected = 0 ] && echo never || echo sometimes)"
	else
		echo "not ok - litmus: $name"
		echo "# ${output//$'\n'/$'\n'# }"
	fi
}

# steps_of WORD FILE...: what is named "WORD: NAME [NUMBER], what it is" in comments.
steps_of() {
	local word=$1
	shift
	grep -ohE "$word: [a-z][a-z ]*[0-9], [a-z' ]*[a-z]" "$@" | sed "s/^$word: //" | sort -u
}

check_steps() {
	local difference

	steps_of step "$here/transition.pml" > "$scratch/steps"
	difference=$(diff "$scratch/steps" \
		<(steps_of model "$here"/../../../kernel/livepatch/*.c))
	if [ -s "$scratch/steps" ] && [ -z "$difference" ]; then
		echo "ok - steps: the code has those of the model, $(wc -l < "$scratch/steps")"
	else
		echo "not ok - steps: the code has those of the model"
		echo "# < is in the model alone, > in the code alone"
		echo "# ${difference//$'\n'/$'\n'# }"
	fi
}

# What decides the outcome of all checks but that of the steps.
inputs() {
	{
		cat "$here"/{check.sh,transition.pml,litmus.awk} "$here"/litmus/*.litmus
		spin -V
		gcc --version
	} | sha256sum | cut -d ' ' -f 1
}

# remembered COMMAND...: print what that printed when it passed; fails if it has not.
remembered() {
	local line

	[ -e "$PASSED" ] || return
	line=$(grep -m 1 -F "$now ${*##*/}"$'\t' "$PASSED") &&
		echo "${line#*$'\t'} (checked before)"
}

# check COMMAND...: make one check, its output one write. The commands differ in their last
# words, whatever the path to a file. What has changed meanwhile may not be what was checked.
check() {
	local output

	output=$("$@")
	[ -n "$output" ] || return
	echo "$output"
	if [[ $output = "ok - "* ]] && [ "$now" = "$(inputs)" ]; then
		echo "$now ${*##*/}"$'\t'"$output" >> "$PASSED"
	fi
}

# At most JOBS at a time.
in_turn() {
	! remembered "$@" || return 0
	while [ "$(jobs -pr | wc -l)" -ge "$JOBS" ]; do
		wait -n
	done
	check "$@" &
}

now=$(inputs)
if [ -f "$PASSED" ]; then
	sed -i "/^$now /!d" "$PASSED"
fi
check_steps
while read -r line; do
	[[ $line = *"${1-}"* ]] || continue
	# shellcheck disable=SC2086	# words
	in_turn check_model $line
done < <(models)
for test in "$here"/litmus/*.litmus; do
	for drop in 0 1 2 3; do
		in_turn check_litmus "$test" "$drop"
	done
done
wait
