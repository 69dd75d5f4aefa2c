#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# This repository's selftests, tools/testing/selftests/livepatch.

. "$(dirname "$0")/../group.sh"

guest_group ours \
	"plain faults debug kcsan ppc64le ppc64le-smp ppc64le-hash ppc64le-debug" "$@"
