#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: tell what the unit tests have said that ran while it booted, and run this
# repository's selftests, or one of them:
#
#   ours.sh SCRIPT|kunit|'' RUN [FLAVOUR]
#
# With the FLAVOUR that somebody has asked for, no script is left out because it takes long
# on that kernel and is run on others.
#
# Each prints TAP itself; its cases are passed on with the script's name in front.

only=$1
run=$2
flavour=${3-}
TESTS=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/tap.sh"
export KLP_MODULES=$TESTS/ours
# Programs that start fast, see image.sh
export PATH=/usr/lib/klibc/bin:/usr/lib/busybox:$PATH
cd "$TESTS/selftests" || exit 1
case $run in
plain | ppc64le) export KLP_EXACT=1 ;;
esac
# With KASAN each takes several times the memory, with KCSAN the time; so it does where
# the graph tracer's page for each is a large one. As many as there may be are where the
# clock is exact; elsewhere it is enough that a walk does not pass them without a rest.
case $run in
debug* | kcsan | ppc64le-debug) export KLP_THREADS=500 ;;
ppc64le* | faults) export KLP_THREADS=2000 ;;
plain-smp | frames) export KLP_THREADS=5000 ;;
esac
# Of the kernel alone, which does not change any more.
cp /proc/kallsyms /tmp/kallsyms
export KLP_KALLSYMS=/tmp/kallsyms

# Each call that can fail is let fail, which takes ten minutes under KASAN: there only for
# those who ask for it.
FAULTS=" test-faults "

# That kernel counts lines and looks for leaks. These do not allocate but what others do, and
# reach no line that others do not: only for those who ask for it.
FAULTS_NOT=" test-bpf test-busy test-fork-exit test-hammer test-latency test-proc test-scale "
FAULTS_NOT+="test-signal test-tracers test-unwind "

# Where instructions are counted: what is held to limits of time, and what waits for
# minutes, which pass at once there.
PLAIN=" test-latency test-scale test-signal test-stalled "
PLAIN_SMP_NOT=" test-latency test-signal test-stalled "

# The debug kernel has two guests: one for who is where when calls begin to go somewhere else,
# and one for what livepatches, and the modules that they are for, are made of.
DEBUG_TASKS=" test-busy test-cold test-exit test-fork-exit test-hammer test-latency test-leave "
DEBUG_TASKS+="test-proc test-scale test-sched test-signal test-stack test-stack-only "
DEBUG_TASKS+="test-stalled test-trace test-unwind "

# What changes calls.
PLAIN_DEPTH=" test-special-sections "

# The same, without test-latency and test-stalled: programs in them do nothing but loop, or
# thousands of threads do little, which takes this emulator minutes to count. And test-hammer
# hammers for some seconds at what no architecture has a part in.
PPC64LE=" test-scale test-signal "
PPC64LE_SMP_NOT=" test-hammer test-signal "

# What an MMU has a part in: where modules are placed and how they are written to.
PPC64LE_HASH=" test-abi test-many-functions test-reloc test-stack test-target-reload test-unwind "

# Under the checkers of ppc64le, which make everything ten times as slow: what arch/powerpc
# has a part in, and what allocates. The rest is the same code under the checkers of x86_64;
# those who ask for this kernel have it, too.
PPC64LE_DEBUG=" test-abi test-elf test-kprobe test-late-samples test-reloc test-replace "
PPC64LE_DEBUG+="test-shadow test-special-sections test-stack test-state test-target-reload "
PPC64LE_DEBUG+="test-unwind "

chosen() {
	if [ -n "$only" ]; then
		[ "$only" = "$name" ]
		return
	fi
	[ "$run" = faults ] || [ -n "$flavour" ] || [[ $FAULTS != *" $name "* ]] || return
	case $run in
	faults) [ -n "$flavour" ] || [[ $FAULTS_NOT != *" $name "* ]] ;;
	debug) [[ $DEBUG_TASKS != *" $name "* ]] ;;
	debug-tasks) [[ $DEBUG_TASKS = *" $name "* ]] ;;
	plain) [[ $PLAIN = *" $name "* ]] ;;
	plain-smp | frames) [[ $PLAIN_SMP_NOT != *" $name "* ]] ;;
	plain-depth) [[ $PLAIN_DEPTH = *" $name "* ]] ;;
	ppc64le) [[ $PPC64LE = *" $name "* ]] ;;
	ppc64le-smp) [[ $PPC64LE_SMP_NOT != *" $name "* ]] ;;
	ppc64le-hash) [[ $PPC64LE_HASH = *" $name "* ]] ;;
	ppc64le-debug) [ -n "$flavour" ] || [[ $PPC64LE_DEBUG = *" $name "* ]] ;;
	esac
}

# How long the guest has been up, and idle, of all CPUs; in hundredths of seconds.
uptime_and_idle() {
	read -r uptime idle </proc/uptime
	# Not octal: the guest may have been up for less than a second.
	uptime=$((10#${uptime/./}))
	idle=$((10#${idle/./}))
}

# report_time NAME: since uptime_and_idle. To see where a run's time goes.
report_time() {
	local uptime_before=$uptime idle_before=$idle

	uptime_and_idle
	uptime=$((uptime - uptime_before))
	idle=$((idle - idle_before))
	echo "# $1 took $((uptime / 100)) s, $(((uptime * cpus - idle) / 100)) s of it not idle"
}

# unit_tests: unit_tests_at_boot() of group.sh has decided whether they ran.
unit_tests() {
	if grep -qw kunit.enable=0 /proc/cmdline; then
		[ -z "$only" ] || skip kunit "in other runs"
	else
		bash "$TESTS/guest/kunit.sh" "" | sed -E 's/^((not )?ok) - /\1 - kunit: /'
		[ "${PIPESTATUS[0]}" = 0 ] || not_ok "kunit: not all was told"
	fi
}

[ "$run" != plain-depth ] || case_of "the depth of calls is tracked" \
	grep "Mitigation: Stuffing" /sys/devices/system/cpu/vulnerabilities/retbleed

cpus=$(nproc)
found=
if [ -z "$only" ] || [ "$only" = kunit ]; then
	found=yes
	unit_tests
fi
# What the core looks up once in a boot, and keeps, fails only where it is first wanted.
shopt -s extglob
for script in test-faults.sh test-!(faults).sh; do
	name=${script%.sh}
	chosen || continue
	found=yes
	echo "==== $name ====" >/dev/kmsg
	uptime_and_idle
	output=$("./$script" 2>&1)
	relay_tap "$name" $? "$output"
	report_time "$name"
done
[ -n "$found" ] || not_ok "there is no $only"
