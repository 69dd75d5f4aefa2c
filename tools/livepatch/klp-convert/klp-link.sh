#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Convert livepatches that kbuild has linked with undefined symbols.
#
#   make -C KERNEL M=MODULES KBUILD_MODPOST_WARN=1 modules
#   [OUT=DIRECTORY] klp-link.sh KERNEL MODULES
#
# KERNEL is the build directory of the kernel, MODULES that of the external
# modules. Every livepatch among them is converted in place; other modules are
# left alone, but their symbols are known. Done again, it changes nothing.
#
# klp-convert is built into OUT. KERNEL/symbols.klp is made when it is missing
# or older than the kernel.

set -eu

if [ $# -ne 2 ]; then
	echo "usage: klp-link.sh KERNEL MODULES" >&2
	exit 2
fi
kernel=$1
modules=$2
tool=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
OUT=${OUT:-$tool/../../../build/klp-convert}

# built DIRECTORY: paths of the modules that kbuild has made there
built()
{
	[ -e "$1/modules.order" ] || return 0
	sed "s|\.o\$|.ko|; s|^[^/]|$1/&|" "$1/modules.order"
}

is_livepatch()
{
	[ -n "$(modinfo -F livepatch "$1")" ]
}

make -s -C "$tool" OUT="$OUT" >&2
convert=$OUT/klp-convert

lists=$(mktemp -d)
trap 'rm -r "$lists"' EXIT
built "$kernel" > "$lists/kernel"
built "$modules" > "$lists/modules"

if [ ! "$kernel/symbols.klp" -nt "$kernel/vmlinux" ] ||
   [ ! "$kernel/symbols.klp" -nt "$convert" ]; then
	"$convert" --make-symbols "$kernel/symbols.klp" "$kernel/vmlinux" "@$lists/kernel"
fi
"$convert" --make-symbols "$modules/symbols.klp" "@$lists/modules"

while read -r module; do
	if is_livepatch "$module"; then
		"$convert" --symbols "$kernel/symbols.klp" --symbols "$modules/symbols.klp" \
			"$module" "$module"
	fi
done < "$lists/modules"
