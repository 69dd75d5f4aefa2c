#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the tests and report every case as TAP, the last line being the totals:
#
#   test.sh                       what is for every day: takes minutes
#   ALL=1 test.sh                 everything
#   ONLY=GROUP[:CASE] test.sh     all of one group of groups/, or one case of it
#   ONLY="GROUP..." test.sh       all of some groups
#   FLAVOUR=plain|debug|faults    all that needs this kernel of x86_64, and no other
#     test.sh
#   FLAVOUR=kcsan|frames test.sh  under the race detector, or with frame pointers for
#                                 stacks, which take too long for every day
#   ARCH=x86_64|powerpc test.sh   only what runs on this architecture
#   STRESS=N test.sh              repeat N times as often what is repeated
#
# Builds what the chosen tests need, and nothing else.

. "$(dirname "$0")/lib.sh"
. "$TESTING/group.sh"

ALL=${ALL:-}
ONLY=${ONLY:-}
FLAVOUR=${FLAVOUR:-}
ARCH=${ARCH:-}
# At the same time. A guest takes one processor at most, and is idle for a part of its time;
# the largest have 1.5 GiB.
room=$(awk '/^MemAvailable:/ { print int($2 / 2 ^ 21) + 1 }' /proc/meminfo)
processors=$(nproc)
GUESTS=${GUESTS:-$((processors + 1 < room ? processors + 2 : room))}
[[ $GUESTS =~ ^[1-9][0-9]*$ ]] || die "GUESTS=$GUESTS is not a number of guests"
only_groups=${ONLY%%:*}
only_case=
JOB_TIMES=$BUILD/.job-times
[[ $ONLY != *:* ]] || only_case=${ONLY#*:}

# wanted FLAVOUR: is it one of those that FLAVOUR and ARCH in the environment choose?
wanted() {
	[ -n "$FLAVOUR" ] || [[ $1 != *-@(kcsan|frames) ]] || return
	[ -z "$FLAVOUR" ] || [ "$1" = "$(full_flavour "$FLAVOUR")" ] || return
	[ -z "$ARCH" ] || [[ "$(arch_make_variables "${1%%-*}") " = "ARCH=$ARCH "* ]]
}

# only GROUP: is it one of those that ONLY names?
only() {
	[[ " $only_groups " = *" $1 "* ]]
}

# What there is to do: "GROUP RUN" a line, those first that probably take longest.
list_jobs() {
	local run runs group script

	for run in kcsan frames debug debug-tasks ppc64le-debug faults busted plain-smp plain \
		plain-depth ppc64le-smp ppc64le ppc64le-hash build source coverage; do
		wanted "$(run_flavour "$run")" || continue
		# One case is one guest's.
		[ "$run" != debug-tasks ] || [ -z "$only_case" ] || continue
		# What a part of the tests has reached tells nothing.
		[ "$run" != coverage ] || [ -z "$ONLY" ] || only coverage || continue
		for script in "$TESTING"/groups/*.sh; do
			group=$(basename "$script" .sh)
			[ -z "$ONLY" ] || only "$group" || continue
			runs=$("$script" runs) || die "$script does not tell its runs"
			[ -n "$ALL$ONLY$FLAVOUR" ] || runs=${runs%%+*}
			[[ " $runs " != *" $run "* ]] || echo "$group $run"
		done
	done
}

# left_to_all: what there would be to do besides, in a line.
left_to_all() {
	comm -13 <(sort <<<"$jobs") <(ALL=1 list_jobs | sort) | paste -s -d , |
		sed 's/,/, /g'
}

# The longest first, so that none is left alone at the end: as it was the last time,
# those that never ran before all others.
longest_first() {
	touch "$JOB_TIMES"
	awk '!jobs { seconds[$1 " " $2] = $3; next }
		{ print ($0 in seconds ? seconds[$0] : 99999), FNR, $0 }' "$JOB_TIMES" jobs=1 - |
		sort -k1,1nr -k2,2n | cut -d ' ' -f 3-
}

# The second line of what times prints, about all children, in seconds.
processor_seconds() {
	sed -n '2s/[ms]/ /gp' "$1" | awk '{ printf "%d\n", ($1 + $3) * 60 + $2 + $4 + 0.5 }'
}

# run_job GROUP RUN: one block of TAP lines, each saying where it is from, and a
# last one by which report knows that the job was not cut short.
run_job() {
	local group=$1 run=$2 out=$LOGS/$1-$2.out status=0 start=$SECONDS

	"$TESTING/groups/$group.sh" run "$run" ${only_case:+"$only_case"} >"$out" 2>&1 </dev/null ||
		status=$?
	if [ $status != 0 ]; then
		echo "not ok - ended with status $status" >>"$out"
	elif ! grep -qE '^(not )?ok ' "$out"; then
		echo "not ok - no case ran" >>"$out"
	fi
	times >"$out.times"
	{
		flock 9
		[ -n "$only_case" ] || echo "$group $run $((SECONDS - start))" >>"$JOB_TIMES"
		sed -E "s/^(ok|not ok) -? ?/\1 - [$run] $group: /; t; s/^#? ?/# /" "$out"
		echo "# $group $run ended after $((SECONDS - start)) s," \
			"$(processor_seconds "$out.times") s of processor time"
	} 9>"$BUILD/.report.lock"
}

# look_at_idle_time: since the last look, processors have been idle for so many percent of
# one, in IDLE. /proc/stat has hundredths of seconds.
look_at_idle_time() {
	local idle waiting

	read -r _ _ _ _ idle waiting _ </proc/stat
	IDLE=$(((idle + waiting - idle_then) / (SECONDS > looked ? SECONDS - looked : 1)))
	looked=$SECONDS
	idle_then=$((idle + waiting))
}

# One for each processor, and more when these were idle for a part of ten seconds. When
# all want to run at the same time each takes longer, for they share caches.
room_for_another() {
	local running

	running=$(jobs -pr | wc -l)
	[ "$running" -lt "$GUESTS" ] || return
	[ "$running" -ge "$processors" ] || return 0
	[ $((SECONDS - looked)) -ge 10 ] || return
	look_at_idle_time
	[ "$IDLE" -ge 30 ]
}

run_jobs() {
	local group run looked=0 idle_then=0

	while read -r group run; do
		until room_for_another; do
			sleep 2
		done
		run_job "$group" "$run" &
		look_at_idle_time
	done
	wait
}

# Number the cases, count them, and end with plan, failed cases, each with the first that is
# said of it, what has not been run, and totals. A job that did not come to its end is a
# failed case: what it has reported is not all.
report() {
	awk -v left="$(left_to_all)" '
		function tell(line) {
			if (line ~ /^not ok - /) {
				failed++
				failures = failures "# FAILED: " substr(line, 10) "\n"
				reasons = 5
			} else if (line ~ /^ok - .* # SKIP/) {
				skipped++
			} else if (line ~ /^ok - /) {
				passed++
			}
			if (line ~ /^(ok -|# [^ ]+ [^ ]+ ended after) /)
				reasons = 0
			if (line ~ /^(not )?ok - /)
				sub(/ok -/, "ok " ++n " -", line)
			else if (line ~ /^# / && reasons-- > 0)
				failures = failures "#   " substr(line, 3) "\n"
			print line
			fflush()
		}
		BEGIN { print "TAP version 13" }
		FNR == NR { jobs[++nr_jobs] = $0; next }
		/^# [^ ]+ [^ ]+ ended after [0-9]+ s, [0-9]+ s of processor time$/ { ended[$2 " " $3] = 1 }
		{ tell($0) }
		END {
			for (i = 1; i <= nr_jobs; i++) {
				split(jobs[i], job, " ")
				if (!(jobs[i] in ended))
					tell("not ok - [" job[2] "] " job[1] ": did not come to its end")
			}
			print "1.." n + 0
			printf "%s", failures
			if (left != "")
				print "# Only with ALL=1: " left
			printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
			exit failed || !passed
		}' <(echo "$jobs") -
}

"$TESTING/packages.sh"
jobs=$(list_jobs)
unknown=
for group in $only_groups; do
	[ -e "$TESTING/groups/$group.sh" ] || unknown=$group
done
if [ -z "$jobs" ] || [ -n "$unknown" ]; then
	groups=$(cd "$TESTING/groups" && printf '%s ' *.sh)
	die "no test for ONLY='$ONLY' FLAVOUR='$FLAVOUR'; groups: ${groups//.sh/}"
fi
"$TESTING/base.sh"
for flavour in $(while read -r _ run; do run_flavour "$run"; done <<<"$jobs" | sort -ru); do
	[ "$flavour" = none ] && continue
	"$TESTING/kernel.sh" "$flavour"
	"$TESTING/modules.sh" "$flavour"
	"$TESTING/image.sh" "$(flavour_arch "$flavour")"
done
{
	sed '/ coverage$/d' <<<"$jobs" | longest_first | run_jobs
	sed -n '/ coverage$/p' <<<"$jobs" | run_jobs
	echo "# with what had to be built, all took $SECONDS s"
} | report
