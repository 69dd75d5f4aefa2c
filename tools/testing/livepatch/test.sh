#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the tests and report every case as TAP, the last line being the totals:
#
#   test.sh                       everything
#   ONLY=GROUP[:CASE] test.sh     one group of groups/, or one case of it
#   FLAVOUR=plain|debug test.sh   only what needs this kernel of x86_64
#   ARCH=x86_64|powerpc test.sh   only what runs on this architecture
#
# Builds what the chosen tests need, and nothing else.

. "$(dirname "$0")/lib.sh"
. "$TESTING/group.sh"

ONLY=${ONLY:-}
FLAVOUR=${FLAVOUR:-}
ARCH=${ARCH:-}
GUESTS=${GUESTS:-2}
only_group=${ONLY%%:*}
only_case=
[[ $ONLY != *:* ]] || only_case=${ONLY#*:}

# wanted FLAVOUR: is it one of those that FLAVOUR and ARCH in the environment choose?
wanted() {
	[ -z "$FLAVOUR" ] || [ "$1" = "$(full_flavour "$FLAVOUR")" ] || return
	[ -z "$ARCH" ] || [[ "$(arch_make_variables "${1%%-*}") " = "ARCH=$ARCH "* ]]
}

# What there is to do, longest guests first: "GROUP RUN" a line.
list_jobs() {
	local run group script

	for run in debug plain-smp plain ppc64le-smp ppc64le build source; do
		wanted "$(run_flavour "$run")" || continue
		for script in "$TESTING"/groups/*.sh; do
			group=$(basename "$script" .sh)
			[ -z "$only_group" ] || [ "$group" = "$only_group" ] || continue
			[[ " $("$script" runs) " != *" $run "* ]] || echo "$group $run"
		done
	done
}

# run_job GROUP RUN: one block of TAP lines, each saying where it is from.
run_job() {
	local group=$1 run=$2 out=$LOGS/$1-$2.out status=0 start=$SECONDS

	"$TESTING/groups/$group.sh" run "$run" ${only_case:+"$only_case"} >"$out" 2>&1 </dev/null ||
		status=$?
	if [ $status != 0 ]; then
		echo "not ok - ended with status $status" >>"$out"
	elif ! grep -qE '^(not )?ok ' "$out"; then
		echo "not ok - no case ran" >>"$out"
	fi
	{
		flock 9
		sed -E "s/^(ok|not ok) -? ?/\1 - [$run] $group: /; t; s/^#? ?/# /" "$out"
		echo "# $group, $run: $((SECONDS - start)) s"
	} 9>"$BUILD/.report.lock"
}

# Guests are mostly alone with one processor: run some side by side.
run_jobs() {
	local group run running=0

	while read -r group run; do
		if [ "$running" = "$GUESTS" ]; then
			wait -n
			running=$((running - 1))
		fi
		run_job "$group" "$run" &
		running=$((running + 1))
	done
	wait
}

# Number the cases, count them, and end with plan and totals.
report() {
	awk '
		BEGIN { print "TAP version 13" }
		/^ok - .* # SKIP/ { skipped++ }
		/^ok / && !/ # SKIP/ { passed++ }
		/^not ok / { failed++; failures = failures "# FAILED: " substr($0, 10) "\n" }
		/^(not )?ok - / { n++; sub(/ok -/, "ok " n " -") }
		{ print; fflush() }
		END {
			print "1.." n + 0
			printf "%s", failures
			printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
			exit failed || !passed
		}'
}

"$TESTING/packages.sh"
jobs=$(list_jobs)
if [ -z "$jobs" ]; then
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
run_jobs <<<"$jobs" | report
