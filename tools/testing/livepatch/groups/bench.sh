#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What live patching costs, in short: is anything worse than the reference by more
# than 2 %, or than its target? All of it: make bench, make bench-check. The files are
# in ../bench.

. "$(dirname "$0")/../group.sh"

begin_group "plain ppc64le" "$@"

flavour=$(run_flavour "$run")
measured=$LOGS/bench-$run.measured
if "$TESTING/bench/kernel.sh" "$flavour" short >"$measured"; then
	echo "ok - guest ended well, nothing on its console"
else
	echo "not ok - guest ended well, nothing on its console"
fi
# Status 2: something is worse, and there is a case that says so.
python3 "$TESTING/bench/report.py" check "$REPO/bench/reference.json" \
	"$(flavour_arch "$flavour")-short" "$measured" || [ $? = 2 ]
