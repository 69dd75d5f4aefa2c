#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: load thousands of livepatches that are not well formed.
#
#   fuzz.sh SECONDS SEED
#
# First those of fuzz.seeds, then such as SEED and what follows it make, half of the
# time with the target there. What the kernel reports meanwhile fails the guest.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
. "$(dirname "$0")/tap.sh"
seconds=$1
seed=$2
modules=$TESTS/ours/lib/livepatch/reloc
FUZZ=$TESTS/selftests/klp-fuzz

# fuzz SEED COUNT SECONDS: the figures are the result.
fuzz() {
	local output status=0

	output=$("$FUZZ" "$modules/test_klp_reloc.ko" "$@") || status=1
	echo "$output" >&2
	tail -n 1 <<<"$output"
	return $status
}

regression() {
	while read -r number _; do
		[[ $number =~ ^[0-9]+$ ]] || continue
		fuzz "$number" 1 60 >/dev/null || return
	done <"$(dirname "$0")/fuzz.seeds"
}

# Also that both answers were there: otherwise it looked at nothing.
many() {
	local figures

	figures=$(fuzz "$1" 100000000 "$2") || return
	[[ $figures =~ loaded\ [1-9] && $figures =~ ENOEXEC\ [1-9] && $figures =~ EINVAL\ [1-9] ]] || {
		echo "$figures"
		return 1
	}
	echo "# from seed $1: $figures" >>/tmp/figures
}

leaves_nothing() {
	[ ! -e /sys/module/test_klp_reloc ] && [ -z "$(ls /sys/kernel/livepatch)" ] &&
		insmod "$modules/test_klp_reloc.ko" &&
		wait_for grep -q 0 /sys/kernel/livepatch/test_klp_reloc/transition &&
		echo 0 >/sys/kernel/livepatch/test_klp_reloc/enabled &&
		wait_for test ! -e /sys/kernel/livepatch/test_klp_reloc
}

case_of "what was found before" regression
case_of "without the target" many "$seed" $((seconds / 2))
insmod "$modules/test_klp_reloc_base.ko"
insmod "$modules/test_klp_reloc_target.ko"
case_of "what was found before, with the target" regression
case_of "with the target" many "$((seed + 1000000))" $((seconds / 2))
case_of "the good one works afterwards" leaves_nothing
cat /tmp/figures 2>/dev/null || :
