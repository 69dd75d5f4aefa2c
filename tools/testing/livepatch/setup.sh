#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# From nothing, or from whatever is there, to kernels with their modules and a
# guest image: setup.sh [FLAVOUR...], with or without an architecture in front.

. "$(dirname "$0")/lib.sh"
. "$TESTING/flavours.sh"

"$TESTING/packages.sh"
"$TESTING/base.sh"
for flavour in "${@:-${FLAVOUR:-plain}}"; do
	flavour=$(full_flavour "$flavour")
	"$TESTING/kernel.sh" "$flavour"
	"$TESTING/modules.sh" "$flavour"
	"$TESTING/image.sh" "$(flavour_arch "$flavour")"
done
