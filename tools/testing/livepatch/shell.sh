#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An interactive guest with our kernel and everything that tests load.

. "$(dirname "$0")/lib.sh"
. "$TESTING/flavours.sh"

FLAVOUR=$(full_flavour "${FLAVOUR:-plain}")
export FLAVOUR

# shellcheck disable=SC2016 # expanded in the guest
GREETING='cd /livepatch-tests
PS1="guest:\w# "
cat <<END

Modules, selftests and samples are here, in $PWD. Try
  insmod ours/samples/livepatch/livepatch-sample.ko; cat /proc/cmdline
  cat /sys/kernel/livepatch/livepatch_sample/transition
  echo 0 >/sys/kernel/livepatch/livepatch_sample/enabled
  bash guest/stock.sh
"exit" powers off; Ctrl-a x stops the emulator.

END'

"$TESTING/setup.sh"
"$TESTING/guest.sh" --shell --kernel "$BUILD/$FLAVOUR" --mode smp \
	--files "$BUILD/modules-$FLAVOUR-root=/livepatch-tests" \
	--files "$TESTING/guest=/livepatch-tests/guest" \
	--run "$GREETING"
