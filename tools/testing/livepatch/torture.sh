#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Torture the core: boot the kernel of each scenario and call functions from
# everywhere while livepatches come and go. torture/configs has the scenarios;
# Documentation/livepatch/torture.rst explains them.
#
#   SCENARIO="NAME..."	which (all)
#   MINUTES=N		for how long each (3)
#   SEED=N		what is done (the time); the guest's speed has its say, too
#   VARIANTS="NAME..."	which ways to be broken BUSTED tries (all); before them it has to
#			find nothing where nothing is broken
#
# Prints TAP. With --no-build the kernels are there already.

. "$(dirname "$0")/lib.sh"
. "$TESTING/flavours.sh"
. "$TESTING/guest/tap.sh"
. "$TESTING/console.sh"

SCENARIOS=$TESTING/torture/configs
MINUTES=${MINUTES:-3}
SEED=${SEED:-$(date +%s)}

# How soon after the torture has begun, in the guest's time, each way to be broken has to be
# noticed; and for how long what is not broken is tried before some of them.
BUSTED_SECONDS=60
CONTROL_SECONDS=10

# setting SCENARIO KEY: what its file says, or nothing.
setting() {
	sed -n "s/^$2[[:space:]]\+//p" "$SCENARIOS/$1"
}

all_scenarios() {
	find "$SCENARIOS" -type f -printf '%f\n' | sort
}

# The core has a list of them.
all_variants() {
	sed -n 's/^KLP_BUSTED(\([a-z_]*\)),$/\1/p' "$REPO/kernel/livepatch/busted_variants.h"
}

# A host with much to do must not look like a defect of the guest; unit tests are
# not repeated.
ALWAYS="no_timer_check tsc=nowatchdog rcupdate.rcu_cpu_stall_timeout=120 kunit.enable=0"

# boot SCENARIO NAME SECONDS [KERNEL-ARGUMENT...]: output is the guest's.
boot() {
	local scenario=$1 name=$2 seconds=$3 flavour memory

	shift 3
	flavour=$(setting "$scenario" kernel)
	memory=$(setting "$scenario" memory)
	# Time to boot, to wind down, and for slow machines.
	"$TESTING/guest.sh" --kernel "$BUILD/$flavour" --name "torture-$name" \
		--mode smp --cpus "$(setting "$scenario" cpus)" --memory "${memory:-1024}" \
		--timeout $((seconds * 2 + 600)) \
		--append "$ALWAYS $(setting "$scenario" boot) $*" \
		--files "$BUILD/modules-$flavour-root=/livepatch-tests" \
		--files "$TESTING/guest=/livepatch-tests/guest" \
		--run "bash /livepatch-tests/guest/torture.sh $seconds $SEED \
			'$(setting "$scenario" module)' '$(setting "$scenario" driver)'"
}

comment() {
	sed 's/^#* */# /'
}

# tortured SCENARIO SECONDS: it has to succeed; what it has done is shown.
tortured() {
	local output status=0

	output=$(boot "$1" "$1" "$2" 2>&1) || status=$?
	if [ $status = 0 ]; then
		comment <<<"$output"
		ok "$1: SUCCESS after $2 s, seed $SEED"
	else
		tail -n 150 <<<"$output" | comment
		not_ok "$1: FAILURE, seed $SEED"
	fi
}

# noticed VARIANT: the test has to find something, or the kernel to say what is
# wrong, in time. A guest that was too slow, or did not come that far, has noticed nothing.
noticed() {
	local output console=$LOGS/torture-BUSTED-$1.console reason

	if output=$(boot BUSTED "BUSTED-$1" $BUSTED_SECONDS "livepatch.busted=$1" 2>&1); then
		not_ok "BUSTED: $1 is not noticed in $BUSTED_SECONDS s"
	elif reason=$(first_complaint <"$console"); then
		if in_time "$reason" $BUSTED_SECONDS; then
			ok "BUSTED: $1 is noticed ${reason:0:120}"
		else
			comment <<<"$output"
			not_ok "BUSTED: $1 is noticed too late, ${reason:0:120}"
		fi
	else
		comment <<<"$output"
		not_ok "BUSTED: $1: the guest failed for another reason"
	fi
}

busted() {
	local variant

	# Whoever always complains would notice them all.
	tortured BUSTED "$([ -n "${VARIANTS:-}" ] && echo $CONTROL_SECONDS || echo $BUSTED_SECONDS)"
	for variant in ${VARIANTS:-$(all_variants)}; do
		noticed "$variant"
	done
}

scenarios=${SCENARIO:-$(all_scenarios)}
for scenario in $scenarios; do
	[ -f "$SCENARIOS/$scenario" ] ||
		die "no scenario '$scenario'; there are: $(all_scenarios | tr '\n' ' ')"
done
if [ "${1-}" != --no-build ]; then
	"$TESTING/packages.sh"
	"$TESTING/base.sh"
	for flavour in $(for scenario in $scenarios; do setting "$scenario" kernel; done | sort -u); do
		"$TESTING/kernel.sh" "$flavour"
		"$TESTING/modules.sh" "$flavour"
		"$TESTING/image.sh" "$(flavour_arch "$flavour")"
	done
fi
failed=0
for scenario in $scenarios; do
	if [ "$scenario" = BUSTED ]; then
		busted
	else
		tortured "$scenario" $((MINUTES * 60))
	fi
done | {
	while IFS= read -r line; do
		[[ $line != "not ok"* ]] || failed=1
		printf '%s\n' "$line"
	done
	exit $failed
}
