#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Livepatches that are not well formed, by the thousands, under KASAN; and for a moment
# on ppc64le, where other sections wait. The case is for how many seconds, and, behind a
# comma, which seed comes first. "make fuzz" takes as long as it is told and begins
# anywhere; otherwise it begins with the same each time.

. "$(dirname "$0")/../group.sh"

begin_group "+ source debug ppc64le-smp" "$@"

# The parsers of names, on the host.
if [ "$run" = source ]; then
	"$REPO/tools/livepatch/fuzz/run.sh"
	exit
fi

flavour=$(run_flavour "$run")
seconds=${only_case%%,*}
case $run in
debug) seconds=${seconds:-180} ;;
*) seconds=${seconds:-45} ;;
esac
seed=1000
[[ $only_case != *,* ]] || seed=${only_case#*,}
case $seconds in
*[!0-9]*) die "fuzz takes a number of seconds, not '$seconds'" ;;
esac

ended=ok
"$TESTING/guest.sh" --kernel "$BUILD/$flavour" --name "fuzz-$run" --mode up --memory 1536 \
	--timeout $((seconds + 600)) \
	--files "$BUILD/modules-$flavour-root=/livepatch-tests" \
	--files "$TESTING/guest=/livepatch-tests/guest" \
	--run "bash /livepatch-tests/guest/fuzz.sh $seconds $seed" 2> >(sed 's/^/# /') ||
	ended="not ok"
echo "$ended - guest ended well, nothing on its console"
