#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A short torture of each kernel, and some ways to break the core that it has to
# notice. "make torture" has more of both.

. "$(dirname "$0")/../group.sh"

begin_group "+ plain-smp busted ppc64le-smp" "$@"

case $run in
plain-smp) SCENARIO=FULL MINUTES=3 ;;
ppc64le-smp) SCENARIO=PPC64LE MINUTES=1 ;;
busted) SCENARIO="FORCE BUSTED" MINUTES=1 ;;
esac
export SCENARIO=${only_case:-$SCENARIO} MINUTES
export VARIANTS="no_stack_check no_post_unpatch special_stays"

# A failed case is told, and no failure of this script.
"$TESTING/torture.sh" --no-build || [ $? = 1 ]
