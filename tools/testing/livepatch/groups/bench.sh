#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What live patching costs, beside the costs of the stock core, and whether it stays
# within its limits. The files are in ../bench, the recorded costs of the stock core
# as well. With STOCK=1 in the environment ppc64le measures these, too, in this run.

. "$(dirname "$0")/../group.sh"

begin_group "plain ppc64le" "$@"

flavour=$(run_flavour "$run")
arch=$(flavour_arch "$flavour")
kernel=$BUILD/$flavour
# What an architecture has no influence on is measured once.
what=all
[ "$arch" = x86_64 ] || what=calls
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# measure FLAVOUR [VARIABLE=VALUE]
measure() {
	local options

	read -ra options < <(guest_options "$run")
	"$TESTING/guest.sh" --kernel "$BUILD/$1" --name "bench-$1" "${options[@]}" \
		--files "$BUILD/modules-$1-root/ours=/lib/livepatch-tests" \
		--files "$TESTING/bench=/lib/livepatch-bench" \
		--run "${2-} bash /lib/livepatch-bench/measure.sh /lib/livepatch-tests $what"
}

# Each call takes so long there that a thousand are enough.
measure_stock() {
	"$TESTING/kernel.sh" "$arch-stock" && "$TESTING/modules.sh" "$arch-stock" &&
		measure "$arch-stock" CALLS=1000
}

config_value() {
	sed -n "s/^CONFIG_$1=//p" "$kernel/.config" | tr -d '"'
}

# What makes calls dearer, and the recorded kernel had not.
hardening() {
	local option names=()

	for option in MITIGATION_RETPOLINE MITIGATION_RETHUNK MITIGATION_CALL_DEPTH_TRACKING \
		X86_KERNEL_IBT; do
		[ "$(config_value $option)" != y ] || names+=("$option")
	done
	echo "${names[*]:-none}"
}

echo "# ours: $flavour, Linux $(<"$kernel/include/config/kernel.release")," \
	"$(config_value CC_VERSION_TEXT)"
echo "# with $(hardening), which the kernel of the stock figures had not"
if measure "$flavour" >"$scratch/measured"; then
	echo "ok - guest ended well, nothing on its console"
else
	echo "not ok - guest ended well, nothing on its console"
fi
if [ "$what" = calls ] && [ -n "${STOCK:-}" ]; then
	if measure_stock >"$scratch/stock"; then
		echo "ok - so did the one with the stock core"
	else
		echo "not ok - so did the one with the stock core"
	fi
	sed 's/^/stock /' "$scratch/stock" >>"$scratch/measured"
fi
awk -f "$TESTING/bench/report.awk" "$TESTING/bench/figures.$arch" "$scratch/measured"
