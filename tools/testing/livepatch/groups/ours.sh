#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# This repository's selftests, tools/testing/selftests/livepatch.

. "$(dirname "$0")/../group.sh"

guest_group ours "plain plain-smp debug debug-long kcsan ppc64le ppc64le-smp" "$@"
