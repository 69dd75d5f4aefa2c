#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unit tests of the pure parts.

. "$(dirname "$0")/../group.sh"

guest_group kunit "plain faults debug ppc64le ppc64le-debug" "$@"
