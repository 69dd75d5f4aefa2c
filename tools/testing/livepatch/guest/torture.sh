#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: torture the kernel.
#
#   torture.sh SECONDS SEED MODULE-PARAMETERS DRIVER-OPTIONS
#
# Prints what klp-torture has done, and of the log the last statistics and the verdict;
# more of it if something is wrong.

TESTS=$(cd "$(dirname "$0")/.." && pwd)
cd /tmp || exit 1

# klp-torture looks for all it needs in one directory.
find "$TESTS/ours" "$TESTS/torture" -name '*.ko' -exec ln -s -t . {} +
ln -s "$TESTS/selftests/klp-bpf" .

# A CPU that goes must have no task left but the one that stops it, or the scheduler warns.
# 6.12 counts its fair server as a task as long as that has work. The server is for tasks that
# real-time ones keep waiting, of which there are none.
for runtime in /sys/kernel/debug/sched/fair_server/cpu*/runtime; do
	[ ! -e "$runtime" ] || echo 0 >"$runtime"
done

# drive SECONDS SEED MODULE-PARAMETERS DRIVER-OPTIONS: what it says, and how it has ended.
drive() {
	# shellcheck disable=SC2086 # several words
	"$TESTS/selftests/klp-torture" "$PWD" "$1" "$2" $4
	echo "ended with $?"
}

insmod torture.ko
# shellcheck disable=SC2086 # several words
insmod klptorture.ko $3 || exit 1

# One that the kernel does not let go is not waited for.
status=1
while IFS= read -r line; do
	case $line in
	"ended with "*)
		status=${line##* }
		break
		;;
	"stuck: "*)
		echo "$line"
		break
		;;
	esac
	echo "$line"
done < <(drive "$@")
dmesg | grep -q 'klptorture-torture:--- End of test: SUCCESS' || status=1
dmesg | sed -n 's/.*klptorture-torture:/# /p' | tail -n $((status ? 40 : 8))
exit "$status"
