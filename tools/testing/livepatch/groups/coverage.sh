#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which lines of our code the kernels that count them have run, in all of their guests
# together: at least 95 % of each file, and each line but those that
# ../coverage/unreached gives a reason for. Looks at what the last runs have left.

. "$(dirname "$0")/../group.sh"

begin_group coverage "$@"

. "$(dirname "$0")/../guest/tap.sh"
COUNTING="x86_64-debug x86_64-faults"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The guests of those kernels: "NAME FLAVOUR" a line.
guests() {
	local script runs other flavour

	for script in "$TESTING"/groups/*.sh; do
		runs=$("$script" runs)
		for other in $runs; do
			flavour=$(run_flavour "$other")
			[[ " $COUNTING " != *" $flavour "* ]] ||
				echo "$(basename "$script" .sh)-$other $flavour"
		done
	done
}

# unpack NAME FLAVOUR: what a guest has counted, with what the compiler knows beside it.
unpack() {
	local path data object

	while read -r path data; do
		object=${path##*/"$2"/}
		object=${object%.gcda}
		mkdir -p "$scratch/$1/${object%/*}"
		base64 -d <<<"$data" >"$scratch/$1/$object.gcda"
		cp "$BUILD/$2/$object.gcno" "$scratch/$1/$object.gcno"
	done <"$LOGS/$1.gcda"
}

# What counts another build than this one says nothing of its lines.
of_this_build() {
	local file

	cd "$scratch" || return
	find . -name '*.gcda' | while read -r file; do
		gcov -t "$file"
	done >counts 2>complaints
	[ ! -s complaints ] || { cat complaints; return 1; }
}

# A file that the compiler was not told to count would not be missed otherwise.
all_counted() {
	local flavour source object

	for flavour in $COUNTING; do
		while read -r source; do
			object=$BUILD/$flavour/${source%.c}
			if [ -e "$object.o" ] && ! [ -e "$object.gcno" ]; then
				echo "$flavour: $source"
				return 1
			fi
		done < <(grep '\.c$' "$scratch/sources")
	done
}

our_sources() {
	cd "$REPO" || return
	find kernel arch/x86/kernel -name '*.[ch]'
}

while read -r guest flavour; do
	if [ -s "$LOGS/$guest.gcda" ]; then
		case_of "what $guest has reached" unpack "$guest" "$flavour"
	else
		not_ok "what $guest has reached: it has not told"
	fi
done < <(guests)
case_of "counted in these builds" of_this_build
our_sources >"$scratch/sources"
case_of "nothing is left uncounted" all_counted
awk -f "$TESTING/coverage/report.awk" \
	"$scratch/sources" "$TESTING/coverage/unreached" "$scratch/counts"
