#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What ends a ppc64le guest: no room left on the stack for the returns from new
# functions. The kernel must say so, and who was on the way.

. "$(dirname "$0")/../group.sh"

begin_group ppc64le "$@"

. "$(dirname "$0")/../guest/tap.sh"
flavour=$(run_flavour "$run")
MODULES=/livepatch-tests/ours/lib/livepatch
TARGET=/sys/module/test_klp_abi_target/parameters

# overflow NAME COMMAND: with two livepatches whose functions call each other, it
# leaves no room on a stack.
overflow() {
	! "$TESTING/guest.sh" --kernel "$BUILD/$flavour" --name "powerpc-$1" --timeout 120 \
		--files "$BUILD/modules-$flavour-root=/livepatch-tests" --run "
		cd $MODULES || exit
		for module in target a b; do
			insmod test_klp_abi_\$module.ko || exit
		done
		$2" >/dev/null 2>&1
}

# says NAME WORD...: one line of the guest's console has them all.
says() {
	local console=$LOGS/powerpc-$1.console lines word

	shift
	lines=$(<"$console")
	for word; do
		lines=$(grep -F -e "$word" <<<"$lines") || { tail -n 40 "$console"; return 1; }
	done
}

case_of "recursion without end through new functions ends the guest" overflow recursion "
	echo 100000 >$TARGET/depth
	cat $TARGET/recurse"
case_of "it is a panic with a reason" says recursion \
	"Kernel panic" "livepatch: kernel stack overflow"
case_of "which names the task and the call" says recursion \
	"no room on the kernel stack of cat:" "new_" test_klp_abi_
case_of "and who has called new functions" says recursion "livepatch:   new_" test_klp_abi_

# The interrupted task's stack is nearly full, that of soft interrupts is empty.
case_of "a call in a soft interrupt of a task without room ends the guest" overflow interrupt \
	"echo 2752 >$TARGET/crowd"
case_of "it is a panic with a reason, too" says interrupt \
	"Kernel panic" "livepatch: kernel stack overflow"
case_of "which names the interrupted task and the call" says interrupt \
	"no room on the kernel stack of bash:" new_add "from crowd_interrupt"
