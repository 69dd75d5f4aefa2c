#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fuzz the parsers of names on the host. Prints TAP without numbers.
#
#	[SECONDS_EACH=N] run.sh
#
# Begins with what is in corpus/. If an input is found that fails, it is told: put it
# there, under a name that says what it is. A parser that is wrong by one must be
# found out, or nothing has been tried.

set -u

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
core=$here/../../../kernel/livepatch
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

parsers=(
	klp_take_part klp_parse_reloc_section klp_parse_reloc_symbol klp_parse_special_section
)

# build NAME [SED-SCRIPT]: the script changes the parsers.
build() {
	mkdir -p "$scratch/$1" &&
		awk -v functions="${parsers[*]}" -v structs="klp_reloc_name" \
			-f "$here/parsers.awk" "$core/internal.h" "$core"/{reloc,special}.c \
			> "$scratch/parsers.h" &&
		sed "${2-}" "$scratch/parsers.h" > "$scratch/$1/parsers.h" &&
		clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
			-I"$scratch/$1" -o "$scratch/$1/names" "$here/names.c"
}

# fuzz NAME: what is found goes to its directory, not to the corpus.
fuzz() {
	mkdir -p "$scratch/$1/new"
	"$scratch/$1/names" -seed=1 -max_len=700 -max_total_time="${SECONDS_EACH:-5}" \
		-dict="$here/names.dict" -artifact_prefix="$scratch/$1/" \
		"$scratch/$1/new" "$here/corpus" 2>&1
}

report() {
	echo "$1 - $2"
	[ "$1" = ok ] || echo "# ${3//$'\n'/$'\n'# }"
}

if output=$(build good 2>&1 && fuzz good); then
	report ok "names: $(sed -n 's/^Done \([0-9]*\) runs.*/\1 inputs/p' <<< "$output")"
else
	report "not ok" "names" "$output"
	base64 "$scratch"/good/crash-* 2> /dev/null | sed 's/^/# /'
fi

# expect_found NAME SED-SCRIPT
expect_found() {
	if ! output=$(build "$1" "$2" 2>&1) ||
		cmp -s "$scratch/parsers.h" "$scratch/$1/parsers.h"; then
		report "not ok" "names: $1 cannot be built" "$output"
	elif output=$(fuzz "$1"); then
		report "not ok" "names: $1 is not found" "$output"
	else
		report ok "names: $1 is found"
	fi
}

expect_found "a part that is too long by one" 's/stop - name >= size/stop - name > size/'
expect_found "a part that is empty" 's/stop == name || //'
expect_found "a position that is no number" 's/symbol\[strspn([^]]*\] || //'
expect_found "a deferred section without a name" 's/name && \*name ? name/name ? name/'
