#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Measure where the clock is a real one, and figures wobble: several times, and print
# "NAME MEDIAN LOWEST HIGHEST" for each.
#
#   repeat.sh RUNS DIRECTORY SECTION...		see measure.sh

set -euo pipefail
RUNS=$1
shift

for ((run = 0; run < RUNS; run++)); do
	bash "$(dirname "$0")/measure.sh" "$@"
done | sort -k 1,1 -k 2n | awk '
	function tell() {
		if (n)
			print name, value[int((n + 1) / 2)], value[1], value[n]
	}
	$1 != name { tell(); name = $1; n = 0 }
	{ value[++n] = $2 }
	END { tell() }'
