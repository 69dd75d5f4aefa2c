#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The base tree's own selftests and samples, unmodified, and the samples of ours that are in
# place of them.

. "$(dirname "$0")/../group.sh"

guest_group stock "plain-smp debug ppc64le-smp ppc64le-debug + faults kcsan frames" "$@"
