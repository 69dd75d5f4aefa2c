#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Make the malformed modules that test-elf.sh tries to load.
#
#	[OUT=DIRECTORY] [TOOLS=PREFIX] make-variants.sh MODULES
#
# For the good modules below MODULES, which klp-convert has converted, a directory
# test_klp_reloc.variants beside the first one gets elf-CASE.ko for each case of
# klp-mutate, and the list of the cases. The program is built into OUT. TOOLS is
# what the tools for the architecture of the modules are called, before the last
# part.

set -eu

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
modules=${1:?usage: make-variants.sh MODULES}
OUT=${OUT:-$here/../../../../build/klp-convert}

good_module()
{
	local file

	file=$(find "$modules" -name "$1.ko" -print -quit)
	if [ -z "$file" ]; then
		echo "make-variants.sh: no $1.ko below $modules" >&2
		exit 1
	fi
	echo "$file"
}

good=$(good_module test_klp_reloc)

mkdir -p "$OUT"
"${HOSTCC:-gcc}" -D_GNU_SOURCE -O2 -Wall -Wextra -o "$OUT/klp-mutate" "$here/klp-mutate.c"

variants=${good%.ko}.variants
rm -rf "$variants"
mkdir "$variants"

# Dozens of copies: without what only a debugger reads.
"$OUT/klp-mutate" --list "$good" > "$variants/cases"
while read -r name _ _ module _; do
	stripped=$variants/$module
	[ -e "$stripped" ] ||
		"${TOOLS:-}strip" --strip-debug -o "$stripped" "$(good_module "$module")"
	"$OUT/klp-mutate" "$name" "$stripped" "$variants/elf-$name.ko"
done < "$variants/cases"
find "$variants" -type f ! -name '*.ko' ! -name cases -delete
