#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A system that takes no more modules. A guest of its own: none can take that back.

. "$(dirname "$0")/../group.sh"

guest_group security plain "$@"
