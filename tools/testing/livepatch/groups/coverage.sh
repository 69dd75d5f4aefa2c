#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which lines of our code the kernel that counts them has run, in all of its guests
# together: at least 95 % of each file, and each line but those that ../coverage/unreached
# gives a reason for. Looks at what the last run has left.

. "$(dirname "$0")/../group.sh"

begin_group "+ coverage" "$@"

. "$(dirname "$0")/../guest/tap.sh"
flavour=$(run_flavour "$run")
kernel=$BUILD/$flavour
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The guests that count: "GROUP-RUN" a line.
guests() {
	local script runs other

	for script in "$TESTING"/groups/*.sh; do
		runs=$("$script" runs)
		for other in $runs; do
			[ "$other" != faults ] || echo "$(basename "$script" .sh)-$other"
		done
	done
}

# unpack NAME: what a guest has counted, with what the compiler knows beside it.
unpack() {
	local path data object

	while read -r path data; do
		object=${path##*/"$flavour"/}
		object=${object%.gcda}
		mkdir -p "$scratch/$1/${object%/*}"
		base64 -d <<<"$data" >"$scratch/$1/$object.gcda"
		cp "$kernel/$object.gcno" "$scratch/$1/$object.gcno"
	done <"$LOGS/$1.gcda"
}

# What counts another build than this one says nothing of its lines.
of_this_build() {
	local file

	cd "$scratch" || return
	find . -name '*.gcda' | while read -r file; do
		gcov -b -c -t "$file"
	done >counts 2>complaints
	[ ! -s complaints ] || { cat complaints; return 1; }
}

# A file that the compiler was not told to count would not be missed otherwise.
all_counted() {
	local source object

	while read -r source; do
		object=$kernel/${source%.c}
		if [ -e "$object.o" ] && ! [ -e "$object.gcno" ]; then
			echo "$source"
			return 1
		fi
	done < <(grep '\.c$' "$scratch/sources")
}

# Of guests that are broken on purpose nothing is counted.
our_sources() {
	cd "$REPO" || return
	find kernel arch/x86/kernel -name '*.[ch]' ! -name 'busted*'
}

for guest in $(guests); do
	if [ -s "$LOGS/$guest.gcda" ]; then
		case_of "what $guest has reached" unpack "$guest"
	else
		not_ok "what $guest has reached: it has not told"
	fi
done
case_of "counted in this build" of_this_build
our_sources >"$scratch/sources"
case_of "nothing is left uncounted" all_counted
awk -f "$TESTING/coverage/report.awk" \
	"$scratch/sources" "$TESTING/coverage/unreached" "$scratch/counts"
