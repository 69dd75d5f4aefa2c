#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boot one kernel as often as it takes to measure it, and print its figures, see
# measure.sh:
#
#   kernel.sh FLAVOUR full|short|profile
#
# "short" is what "make test" has time for; "profile" shows where the time goes that
# enabling and disabling 1000 functions takes. Boots differ in what the kernel is told on
# its command line; and what is sensitive to what was done before is not done after much.
# Mitigations are off where it is not said otherwise: a call costs fewest instructions then,
# and every one more is seen.
#
# With ACCEL=kvm the clock is a real one, and everything is measured $RUNS times.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../flavours.sh"

FLAVOUR=${1:?usage: kernel.sh FLAVOUR full|short|profile}
SELECTION=${2:?usage: kernel.sh FLAVOUR full|short|profile}
ARCH_OF=$(flavour_arch "$FLAVOUR")
RUNS=${RUNS:-5}
ROOT=$BUILD/modules-$FLAVOUR-root
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What the stock core takes too long for, minutes of real time for each; and what it
# cannot do at all: where a stack has 100 entries, no transition of it completes.
most=,10000 deepest=,100 periods=20
[[ $FLAVOUR != *-stock ]] || most='' deepest='' periods=2

sections() {
	case $1 in
	profile)
		echo "profile:klp_enable_patch,1000 profile:klp_transition_work_fn,1000"
		;;
	short)
		echo "fork hooks calls:1,100,1000 functions:1000 memory:1000 tasks:1000,10,500 relocations"
		;;
	full)
		echo "boot fork hooks calls:1,100,1000$most functions:1,10,100,1000$most"
		echo "replace:1,10,100,1000$most stacked:1,10,20,30,40,50"
		echo "records:1,10,20,30,40,45 modules sync relocations memory:1000"
		;;
	tasks)
		echo "depth:7,10,20,50,90$deepest tasks:1000,10,500"
		echo "tasks:1,10,100,500,1000,10000,20000 complete stalled:20000"
		;;
	latency)
		echo "latency:500,100,$periods"
		;;
	retpoline)
		echo "retpolines calls:1,100,1000$most"
		;;
	esac
}

# guest SELECTION APPEND [PREFIX]
guest() {
	local name=$1 append=$2 prefix=${3-} mode=(--mode icount) command=measure.sh sections

	mapfile -t sections < <(sections "$name" | tr ' ' '\n')
	if [ "${ACCEL-}" = kvm ]; then
		mode=(--mode up)
		command="repeat.sh $RUNS"
	fi
	# The unit tests of the kernel run at boot, which is measured.
	"$TESTING/guest.sh" --kernel "$BUILD/$FLAVOUR" --name "bench-$FLAVOUR-$name" "${mode[@]}" \
		--memory 1536 --timeout 2400 --append "kunit.enable=0 $append" \
		--files "$scratch/modules=/modules" --files "$scratch/bench=/bench" \
		--run "PREFIX=$prefix bash /bench/$command /modules ${sections[*]}"
}

# Only what runs there: where a guest's memory is, and what it takes, depends on it.
mkdir "$scratch/modules" "$scratch/bench"
find "$ROOT" -name 'klp_bench*.ko' -exec cp -t "$scratch/modules" {} +
cp "$TESTING"/bench/{measure,repeat}.sh "$scratch/bench/"

guest "$SELECTION" mitigations=off
[ "$SELECTION" = full ] || exit 0
guest tasks mitigations=off
guest latency "mitigations=off preempt=full"
[ "$ARCH_OF" = x86_64 ] || exit 0
guest retpoline spectre_v2=retpoline retpoline.
