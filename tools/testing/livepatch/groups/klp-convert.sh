#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tests of klp-convert, which run on the host. Of malformed files it gets every day what
# takes some seconds.

. "$(dirname "$0")/../group.sh"

begin_group source "$@"

. "$(dirname "$0")/../guest/tap.sh"
[ -n "${ALL:-}${ONLY:-}" ] || export FUZZ="${FUZZ:-6}"
status=0
output=$(OUT=$BUILD/klp-convert "$REPO/tools/livepatch/klp-convert/tests/run.sh" 2>&1) ||
	status=$?
relay_tap tests $status "$output"
