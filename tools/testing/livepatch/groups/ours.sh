#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# This repository's selftests, tools/testing/selftests/livepatch, and its unit tests.

. "$(dirname "$0")/../group.sh"

runs="plain plain-smp plain-depth faults debug debug-tasks kcsan frames"
runs+=" ppc64le ppc64le-smp ppc64le-hash ppc64le-debug"
guest_group ours "$runs" "$@"
