#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: try samples, the base tree's own and ours, and run the base tree's own
# selftests, unmodified; or one script of them:
#
#   stock.sh SCRIPT|samples|''
#
# Each case that a script starts is reported. It says what it tests as "TEST: name ... ok";
# one that ends early leaves its remaining cases unsaid, and they count as failed. So does
# one that has failed and does not say of what case.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/tap.sh"
# Programs that start fast, see image.sh; not insmod, whose messages are looked at.
export PATH=/usr/lib/busybox:$PATH
cd "$TESTS/stock-selftests" || exit 1

# report NAME STATUS OUTPUT: turn the output of one script into cases.
report() {
	local name=$1 status=$2 output=$3 line started=0 failed=0 expected

	expected=$(grep -c '^start_test ' "$name.sh")
	while IFS= read -r line; do
		case $line in
		"TEST: "*" ... ok")
			line=${line#TEST: }
			ok "$name: ${line% ... ok}"
			started=$((started + 1))
			;;
		"TEST: "*" ... "*)
			line=${line#TEST: }
			if [ "$status" = 4 ]; then
				skip "$name: ${line%% ... *}" "${line##* ... }"
			else
				not_ok "$name: ${line%% ... *}"
				failed=1
			fi
			started=$((started + 1))
			;;
		*) echo "# $line" ;;
		esac
	done <<<"$output"
	for ((; started < expected; started++)); do
		not_ok "$name: case $((started + 1)) of $expected, not started (exit $status)"
		failed=1
	done
	if [ "$failed" = 0 ] && [ "$status" != 0 ] && [ "$status" != 4 ]; then
		not_ok "$name: exit $status without a failed case"
	fi
}

found=
# What samples lose is forgotten, and nothing else must be with it.
if [ -z "$1" ] || [ "$1" = samples ]; then
	found=yes
	bash "$TESTS/guest/samples.sh" "" | sed -E 's/^((not )?ok) - /\1 - samples: /'
	[ "${PIPESTATUS[0]}" = 0 ] || not_ok "samples: not all were tried"
fi
for script in test-*.sh; do
	name=${script%.sh}
	[ -z "$1" ] || [ "$1" = "$name" ] || continue
	found=yes
	# Each case goes through the whole log, more than once.
	dmesg -c >/dev/null
	output=$("./$script" 2>&1)
	report "$name" $? "$output"
done
[ -n "$found" ] || not_ok "there is no $1"
