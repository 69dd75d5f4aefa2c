# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What livepatches are in a guest, as "wait_for" of tap.sh asks for it. Sourced.

SYSFS=/sys/kernel/livepatch

# settled LIVEPATCH: it is there, and its transition is over.
settled() {
	[ "$(cat "$SYSFS/$1/transition" 2>/dev/null)" = 0 ]
}

gone() {
	[ ! -e "$SYSFS/$1" ]
}
