#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest runner itself: what has gone wrong in a guest must not pass as a
# success, or every other group proves nothing.

. "$(dirname "$0")/../group.sh"
. "$(dirname "$0")/../guest/tap.sh"

begin_group plain "$@"

boot() {
	local name=$1 command=$2
	shift 2
	"$TESTING/guest.sh" --kernel "$BUILD/x86_64-plain" --name "guest-$name" --timeout 120 \
		--run "$command" "$@"
}

passes() {
	[ "$(boot good 'echo what it says; echo not this >&2')" = "what it says" ]
}

# fails TEXT NAME COMMAND [OPTION...]: the run fails, and TEXT says why.
fails() {
	local text=$1 output
	shift
	if output=$(boot "$@" 2>&1); then
		echo "passed as a success:"
	elif grep -qF "$text" <<<"$output" && grep -qF "$LOGS/guest-$1.console" <<<"$output"; then
		return
	fi
	echo "$output"
	return 1
}

repeats() {
	boot repeat-1 dmesg >"$LOGS/guest-repeat-1.dmesg" &&
		boot repeat-2 dmesg >"$LOGS/guest-repeat-2.dmesg" &&
		cmp "$LOGS/guest-repeat-1.dmesg" "$LOGS/guest-repeat-2.dmesg"
}

case_of "a good run passes, its output is the command's" passes
case_of "a failing command" fails "the job failed: status 3" status "exit 3"
case_of "a panic" fails "reported a defect" panic "echo c >/proc/sysrq-trigger"
case_of "a warning of the kernel" fails "reported a defect" warning \
	"echo '<4>WARNING: CPU: 0 PID: 1 at kernel/made/up.c:1' >/dev/kmsg"
case_of "a guest that hangs" fails "did not end within 10 s" hang "while :; do :; done" \
	--timeout 10
case_of "a guest that ends before its command" fails "ended before its job did" early \
	"echo o >/proc/sysrq-trigger; while :; do sleep 1; done"
case_of "two runs under icount are the same to the microsecond" repeats
