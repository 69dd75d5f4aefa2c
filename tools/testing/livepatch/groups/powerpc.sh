#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What ends a ppc64le guest: no room left on the stack for the returns from new
# functions. The kernel must say so, and who was on the way.

. "$(dirname "$0")/../group.sh"

begin_group ppc64le "$@"

. "$(dirname "$0")/../guest/tap.sh"
flavour=$(run_flavour "$run")
MODULES=/lib/livepatch-tests/ours/lib/livepatch
console=$LOGS/powerpc-overflow.console

# Two livepatches' functions call each other, deeper than any stack.
overflow() {
	! "$TESTING/guest.sh" --kernel "$BUILD/$flavour" --name powerpc-overflow --timeout 120 \
		--files "$BUILD/modules-$flavour-root=/lib/livepatch-tests" --run "
		cd $MODULES || exit
		for module in target $1; do
			insmod test_klp_abi_\$module.ko || exit
		done
		echo 100000 >/sys/module/test_klp_abi_target/parameters/depth
		cat /sys/module/test_klp_abi_target/parameters/recurse" >/dev/null 2>&1
}

# says WORD...: one line of the console has them all.
says() {
	local lines word

	lines=$(<"$console")
	for word; do
		lines=$(grep -F -e "$word" <<<"$lines") || { tail -n 40 "$console"; return 1; }
	done
}

case_of "recursion without end through new functions ends the guest" overflow "a b"
case_of "it is a panic with a reason" says "Kernel panic" "livepatch: kernel stack overflow"
case_of "which names the task and the call" says "no room on the kernel stack of cat:" \
	"new_" test_klp_abi_
case_of "and who has called new functions" says "livepatch:   new_" test_klp_abi_
