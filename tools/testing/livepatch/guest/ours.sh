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
case $2 in
plain | ppc64le) export KLP_EXACT=1 ;;
# With KASAN each takes several times the memory, with KCSAN the time.
debug* | kcsan) export KLP_THREADS=2000 ;;
esac
# So does it where the graph tracer's page for each is a large one.
case $2 in
ppc64le*) export KLP_THREADS=2000 ;;
esac

# What these look at does not depend on a second CPU.
ONE_CPU_IS_ENOUGH=" test-badinput test-elf test-reloc test-shadow test-state test-sympos "

# What is looked at by kmemleak, in the run that has it: the life of everything
# that the core allocates, and the ways out of what is refused.
FOR_KMEMLEAK=" test-badinput test-callbacks test-replace test-shadow test-state test-target-reload "

chosen() {
	if [ -n "$1" ]; then
		[ "$1" = "$name" ]
		return
	fi
	case $2 in
	*-smp) [[ $ONE_CPU_IS_ENOUGH != *" $name "* ]] ;;
	debug) [[ $FOR_KMEMLEAK = *" $name "* ]] ;;
	debug-long) [[ $FOR_KMEMLEAK != *" $name "* ]] ;;
	esac
}

for script in test-*.sh; do
	name=${script%.sh}
	chosen "$1" "$2" || continue
	echo "==== $name ====" >/dev/kmsg
	output=$("./$script" 2>&1)
	relay_tap "$name" $? "$output"
done
