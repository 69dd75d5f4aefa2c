#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What "make demo" shows is what it says: the same two programs read the original, the new,
# and the original text again, and livepatches take each other's place.

. "$(dirname "$0")/../group.sh"

begin_group "plain-smp ppc64le-smp" "$@"

. "$(dirname "$0")/../guest/tap.sh"
read -r arch _ < <(arch_make_variables "$(flavour_arch "$(run_flavour "$run")")")
shown=$LOGS/demo-$run.shown

demo() {
	env "$arch" "$TESTING/demo.sh" --no-build >"$shown"
}

# step NUMBER: what is shown below that title.
step() {
	awk -v number="$1" '/^--- / { n++ } n == number' "$shown"
}

# reads NUMBER TEXT: in that step both programs come to read what begins so; and each is
# the process that it was in the first step.
reads() {
	local program pid

	for program in 1 2; do
		pid=$(step 1 | sed -n "s/^    program $program, \(pid [0-9]*\), reads: .*/\1/p")
		if [ -z "$pid" ] || ! step "$1" | grep -qF "    program $program, $pid, reads: $2"; then
			step "$1"
			return 1
		fi
	done
}

# shows NUMBER LINE...: patterns, each of a whole line of that step.
shows() {
	local number=$1 line

	shift
	for line; do
		step "$number" | grep -qxE -e "$line" && continue
		echo "no line '$line'"
		step "$number"
		return 1
	done
}

first_version() {
	reads 4 "cmdline: first cumulative livepatch" &&
		shows 4 "version: first cumulative livepatch" 30
}

# The only one that is left.
second_version() {
	reads 5 "cmdline: second cumulative livepatch" &&
		shows 5 "Linux version .*" 60 livepatch_cumulative_v2 &&
		! shows 5 livepatch_cumulative_v1 >/dev/null
}

as_it_was() {
	reads 6 "console=" && shows 6 "Linux version .*" -1
}

# Nothing but that: unit tests have something to say at boot, too.
logged() {
	step 7 | sed -n "s/.*livepatch: \(.*\)/\1/p" |
		diff - <(
			for livepatch in sample cumulative_v1 cumulative_v2; do
				echo "enabling patch 'livepatch_$livepatch'"
				echo "'livepatch_$livepatch': starting patching transition"
				echo "'livepatch_$livepatch': patching complete"
				# It is replaced.
				[ $livepatch != cumulative_v1 ] || continue
				echo "'livepatch_$livepatch': starting unpatching transition"
				echo "'livepatch_$livepatch': unpatching complete"
			done
		)
}

case_of "it ends well, nothing on the kernel's console" demo
case_of "two programs read the original" reads 1 "console="
case_of "a livepatch: they read what is new" reads 2 "this has been live patched"
case_of "disabled: they read the original again" reads 3 "console="
case_of "a cumulative livepatch: two functions and a setting" first_version
case_of "the next takes its place, and gives back one function" second_version
case_of "disabled: all is as it was" as_it_was
case_of "the kernel's log tells all of that" logged
