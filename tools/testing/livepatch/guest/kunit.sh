#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: report the unit tests that ran while it booted. Their results
# are KTAP, one debugfs directory for each suite.

. "$(dirname "$0")/tap.sh"
RESULTS=/sys/kernel/debug/kunit

suites=0
for results in "$RESULTS"/*/results; do
	[ -e "$results" ] || continue
	suite=$(basename "$(dirname "$results")")
	[ -z "$1" ] || [ "$1" = "$suite" ] || continue
	suites=$((suites + 1))
	# The cases of a suite are indented once, their own details twice.
	sed -n -E "s/^ {4}(ok|not ok) [0-9]+ -? ?/\1 - $suite: /p" "$results"
	grep -E '^ +# .*(EXPECTATION|ASSERTION)' "$results" | sed 's/^ */# /'
	planned=$(sed -n 's/^ \{4\}1\.\.//p' "$results")
	reported=$(grep -cE '^ {4}(ok|not ok) ' "$results")
	[ "$planned" = "$reported" ] ||
		not_ok "$suite: ${planned:-unknown} cases planned, $reported reported"
done
if [ $suites = 0 ]; then
	not_ok "no unit test ran: no results in $RESULTS"
fi
