#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: run this repository's selftests, or one of them:
#
#   ours.sh SCRIPT|'' RUN
#
# Each prints TAP itself; its cases are passed on with the script's name in front.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/tap.sh"
export KLP_MODULES=$TESTS/ours
cd "$TESTS/selftests" || exit 1

# What these look at does not depend on a second CPU.
ONE_CPU_IS_ENOUGH=" test-badinput test-elf test-reloc test-shadow test-state test-sympos "

chosen() {
	if [ -n "$1" ]; then
		[ "$1" = "$name" ]
	else
		[[ $2 != *-smp ]] || [[ $ONE_CPU_IS_ENOUGH != *" $name "* ]]
	fi
}

for script in test-*.sh; do
	name=${script%.sh}
	chosen "$1" "$2" || continue
	echo "==== $name ====" >/dev/kmsg
	output=$("./$script" 2>&1)
	relay_tap "$name" $? "$output"
done
