#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The model of transitions, and what has to be in which order in memory. See
# tools/livepatch/model/check.sh.

. "$(dirname "$0")/../group.sh"

begin_group source "$@"

PASSED=$BUILD/.passed-model "$REPO/tools/livepatch/model/check.sh" "$only_case"
