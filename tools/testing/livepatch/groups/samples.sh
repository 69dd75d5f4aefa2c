#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The base tree's own samples, unmodified, and ours; samples:ours is these alone.

. "$(dirname "$0")/../group.sh"

guest_group samples "plain-smp debug ppc64le-smp ppc64le-debug" "$@"
