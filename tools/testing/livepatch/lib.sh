# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script here shares: where things are, and how progress and
# failure are told. Sourced, never run; it defines and changes nothing on disk.
#
# Progress goes to stderr, so that a script's stdout is only its result.

set -euo pipefail

# Sorting and the texts of tools must not depend on who runs this.
export LC_ALL=C

TESTING=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$TESTING/../../.." && pwd)
BUILD=$REPO/build
PRISTINE=$BUILD/pristine
LINUX=$BUILD/linux
LOGS=$BUILD/logs
# shellcheck disable=SC2034 # used by those who source this
CONFIGS=$TESTING/configs
JOBS=${JOBS:-$(nproc)}
export TESTING REPO BUILD PRISTINE LINUX LOGS JOBS

say() {
	printf '%s\n' "$*" >&2
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# step TEXT COMMAND...: run a long command, its output in a log, and tell what
# runs and how long it took. On failure the end of the log is what one needs.
step() {
	local text=$1 log start=$SECONDS status=0
	shift
	mkdir -p "$LOGS"
	log=$LOGS/$(tr -cs 'a-zA-Z0-9_.-' '-' <<<"$text" | sed 's/^-//; s/-$//').log
	printf '==> %s ...' "$text" >&2
	# In the background, because "set -e" does not work inside a condition.
	"$@" </dev/null >"$log" 2>&1 &
	wait $! || status=$?
	if [ "$status" = 0 ]; then
		printf ' (%d s)\n' $((SECONDS - start)) >&2
	else
		printf ' FAILED (%d s)\n' $((SECONDS - start)) >&2
		tail -n 25 "$log" >&2
		die "$text failed; the whole log: $log"
	fi
}

# locked NAME: hold build/.NAME.lock until this script ends, so that two runs
# side by side do not write the same tree.
locked() {
	local fd
	mkdir -p "$BUILD"
	exec {fd}>"$BUILD/.$1.lock"
	flock "$fd"
}

# archive_tree DIR: a cpio archive of DIR on stdout, as the kernel unpacks it at
# boot. The same files give the same archive, so that runs can repeat exactly.
archive_tree() (
	cd "$1"
	find . -mindepth 1 -exec touch -h -d @0 {} +
	find . -mindepth 1 -print0 | sort -z |
		cpio --quiet --null -o -H newc -R 0:0 --reproducible
)
