#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# This repository's selftests, tools/testing/selftests/livepatch, and its unit tests.

. "$(dirname "$0")/../group.sh"

runs="plain-smp debug debug-tasks ppc64le-smp ppc64le-debug"
runs+=" + plain plain-depth faults ppc64le ppc64le-hash kcsan frames"
guest_group ours "$runs" "$@"
