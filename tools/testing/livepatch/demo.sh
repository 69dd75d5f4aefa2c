#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# From nothing to a running kernel that is patched while programs run:
# guest/demo.sh tells the story. With --no-build the kernel is there already.

. "$(dirname "$0")/lib.sh"
. "$TESTING/flavours.sh"

start=$SECONDS
flavour=$(full_flavour plain)
[ "${1-}" = --no-build ] || "$TESTING/setup.sh" "$flavour"
say "==> boot Linux with this live patching core"
"$TESTING/guest.sh" --kernel "$BUILD/$flavour" --mode smp --live --name "demo-$flavour" \
	--append kunit.enable=0 \
	--files "$BUILD/modules-$flavour-root/ours/samples/livepatch=/root" \
	--files "$TESTING/guest=/root/guest" --run 'bash guest/demo.sh'
say "==> the demo ended well ($((SECONDS - start)) s); the kernel's console: $LOGS/demo-$flavour.console"
