#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: load thousands of livepatches that are not well formed.
#
#   fuzz.sh SECONDS SEED
#
# First those of fuzz.seeds, then such as SEED and what follows it make: a third of the
# time from test_klp_reloc without its target, then with it, then from test_klp_special.
# What the kernel reports meanwhile fails the guest.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/livepatch.sh"
seconds=$1
seed=$2
modules=$TESTS/ours/lib/livepatch
FUZZ=$TESTS/selftests/klp-fuzz

# module_file NAME: NAME is reloc or special, or one of what these patch.
module_file() {
	echo "$modules/${1%%_*}/test_klp_$1.ko"
}

# fuzz NAME SEED COUNT SECONDS: the figures are the result.
fuzz() {
	local output status=0

	output=$("$FUZZ" "$(module_file "$1")" "${@:2}") || status=1
	echo "$output" >&2
	tail -n 1 <<<"$output"
	return $status
}

regression() {
	while read -r number _; do
		[[ $number =~ ^[0-9]+$ ]] || continue
		fuzz reloc "$number" 1 60 >/dev/null || return
	done <"$(dirname "$0")/fuzz.seeds"
}

# many NAME SEED SECONDS: also that both answers were there, and often: otherwise it looked
# at nothing. The slowest of guests, under KASAN, does several times as many.
many() {
	local figures

	figures=$(fuzz "$1" "$2" 100000000 "$3") || return
	[[ $figures =~ loaded\ [1-9] && $figures =~ ENOEXEC\ [1-9] && $figures =~ EINVAL\ [1-9] &&
		${figures%%:*} -ge $((2 * $3)) ]] || {
		echo "$figures"
		return 1
	}
	echo "# $1, from seed $2: $figures" >>/tmp/figures
}

load_target() {
	insmod "$(module_file "$1_base")" && insmod "$(module_file "$1_target")"
}

# leaves_nothing NAME
leaves_nothing() {
	local patch=test_klp_$1

	[ ! -e "/sys/module/$patch" ] && [ -z "$(ls "$SYSFS")" ] &&
		insmod "$(module_file "$1")" &&
		wait_for settled "$patch" &&
		echo 0 >"$SYSFS/$patch/enabled" &&
		wait_for gone "$patch"
}

case_of "what was found before" regression
case_of "without the target" many reloc "$seed" $((seconds / 3))
case_of "the target is loaded" load_target reloc
case_of "what was found before, with the target" regression
case_of "with the target" many reloc "$((seed + 1000000))" $((seconds / 3))
case_of "the good one works afterwards" leaves_nothing reloc
case_of "the target with special sections is loaded" load_target special
case_of "special sections that wait for the target" many special \
	"$((seed + 2000000))" $((seconds / 3))
case_of "the one with special sections works afterwards" leaves_nothing special
cat /tmp/figures 2>/dev/null || :
