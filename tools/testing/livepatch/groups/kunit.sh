#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unit tests of the pure parts, in a guest of their own where calls are let fail; elsewhere
# ours:kunit tells of them.

. "$(dirname "$0")/../group.sh"

guest_group kunit "+ faults" "$@"
