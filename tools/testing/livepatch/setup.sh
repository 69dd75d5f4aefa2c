#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# From nothing, or from whatever is there, to kernels with their modules and a
# guest image: setup.sh [FLAVOUR...], without "x86_64-" in front.

. "$(dirname "$0")/lib.sh"

"$TESTING/packages.sh"
"$TESTING/base.sh"
for flavour in "${@:-${FLAVOUR:-plain}}"; do
	"$TESTING/kernel.sh" "x86_64-$flavour"
	"$TESTING/modules.sh" "x86_64-$flavour"
done
"$TESTING/image.sh" x86_64
