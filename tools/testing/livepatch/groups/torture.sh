#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A short torture of each kernel, and some ways to break the core that it has to
# notice. "make torture" has more of both.

. "$(dirname "$0")/../group.sh"

begin_group "plain-smp busted ppc64le-smp" "$@"

case $run in
plain-smp) SCENARIO=FULL ;;
ppc64le-smp) SCENARIO=PPC64LE ;;
busted) SCENARIO=BUSTED ;;
esac
export SCENARIO=${only_case:-$SCENARIO} MINUTES=1
export VARIANTS="no_stack_check no_post_unpatch going_stays_patched"

# A failed case is told, and no failure of this script.
"$TESTING/torture.sh" --no-build || [ $? = 1 ]
