# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How tests report: cases in TAP on standard output, without numbers and without
# a plan (test.sh numbers what all of them report). Used in guests and on the
# host. Sourced.

ok() {
	echo "ok - $1"
}

not_ok() {
	echo "not ok - $1"
}

skip() {
	echo "ok - $1 # SKIP $2"
}

# case_of NAME COMMAND...: one case; what the command writes explains a failure.
case_of() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		ok "$name"
	else
		not_ok "$name"
		[ -z "$output" ] || echo "${output//$'\n'/$'\n'# }" | sed '1s/^/# /'
	fi
}

# wait_for COMMAND...: poll until the command succeeds, for at most a minute.
wait_for() {
	local end=$((SECONDS + 60))

	until "$@"; do
		if [ $SECONDS -ge $end ]; then
			echo "waited a minute in vain for: $*"
			return 1
		fi
		sleep 0.05
	done
}

# relay_tap NAME STATUS OUTPUT: pass on the cases of a program that printed TAP
# and ended with STATUS, NAME in front of each, and hold it to its plan.
relay_tap() {
	local name=$1 status=$2 output=$3 line plan="" seen=0 failed=0

	while IFS= read -r line; do
		if [[ $line =~ ^1\.\.([0-9]+)(.*)$ ]]; then
			plan=${BASH_REMATCH[1]}
			[ "$plan" != 0 ] || skip "$name" "${BASH_REMATCH[2]#*SKIP }"
		elif [[ $line =~ ^ok\ +[0-9]*\ *-?\ *(.*)$ ]]; then
			seen=$((seen + 1))
			ok "$name: ${BASH_REMATCH[1]}"
		elif [[ $line =~ ^not\ ok\ +[0-9]*\ *-?\ *(.*)$ ]]; then
			seen=$((seen + 1))
			failed=$((failed + 1))
			not_ok "$name: ${BASH_REMATCH[1]}"
		elif [[ $line != "TAP version"* ]]; then
			echo "# ${line#\# }"
		fi
	done <<<"$output"
	if [ "$plan" != "$seen" ]; then
		not_ok "$name: ${plan:-unknown} cases planned, $seen reported (exit $status)"
	elif [ "$failed" = 0 ] && [ "$status" != 0 ] && [ "$status" != 4 ]; then
		not_ok "$name: exit $status without a failed case"
	elif [ "$failed" != 0 ] && [ "$status" = 0 ]; then
		not_ok "$name: exit 0 in spite of failed cases"
	fi
}
