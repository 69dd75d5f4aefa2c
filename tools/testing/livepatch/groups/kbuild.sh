#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How livepatches are built: with the kernel, and by somebody who has no more of
# that than a distribution's package of headers.

. "$(dirname "$0")/../group.sh"

begin_group plain "$@"

. "$(dirname "$0")/../guest/tap.sh"
FLAVOUR=$(run_flavour "$run")
MACHINE=$(flavour_arch "$FLAVOUR")
TOOLS=$(arch_tools "$MACHINE")
KERNEL=$BUILD/$FLAVOUR
CONVERT=$BUILD/klp-convert/klp-convert
read -ra variables < <(arch_make_variables "$MACHINE")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
HEADERS=$scratch/headers
OUTSIDE=$scratch/outside

convert_is_built() {
	make -s -C "$REPO/tools/livepatch/klp-convert" OUT="${CONVERT%/*}"
}

# needs SYMBOL MODULE: it becomes a livepatch relocation.
needs() {
	"$CONVERT" --dump "$2" >"$scratch/dump"
	grep -qF " .klp.sym.$1,0" "$scratch/dump" || { cat "$scratch/dump"; return 1; }
}

with_the_kernel() {
	needs vmlinux.saved_command_line "$KERNEL/samples/livepatch/livepatch-symbols.ko" &&
		needs livepatch_late_mod.late_precise "$KERNEL/samples/livepatch/livepatch-late.ko"
}

# As packages are made. When a tree is built for another machine, programs of the host are
# made once more for that.
install_headers() {
	make -s -C "$LINUX" O="$KERNEL" "${variables[@]}" CC="${TOOLS}gcc" HOSTCC=gcc run-command \
		KBUILD_RUN_COMMAND="\$(srctree)/scripts/package/install-extmod-build $HEADERS" &&
		[ -s "$HEADERS/symbols.klp" ] && [ ! -e "$HEADERS/vmlinux" ]
}

build_outside() {
	make -s -C "$HEADERS" "${variables[@]}" CC="${TOOLS}gcc" M="$OUTSIDE" \
		CONFIG_SAMPLE_LIVEPATCH=m modules
}

# The same comes out.
outside() {
	local module

	mkdir "$OUTSIDE"
	cp "$REPO"/samples/livepatch/* "$OUTSIDE/"
	build_outside || return
	for module in livepatch-symbols livepatch-late; do
		diff <("$CONVERT" --dump "$KERNEL/samples/livepatch/$module.ko") \
			<("$CONVERT" --dump "$OUTSIDE/$module.ko") || return
	done
}

# refused MESSAGE: the build of livepatch-symbols ends with that and leaves no module.
refused() {
	rm -rf "$OUTSIDE/livepatch-symbols.ko"
	echo "obj-m := livepatch-symbols.o" >"$OUTSIDE/Makefile"
	if build_outside >"$scratch/said" 2>&1 ||
		! grep -qF "$1" "$scratch/said" || [ -e "$OUTSIDE/livepatch-symbols.ko" ]; then
		cat "$scratch/said"
		return 1
	fi
}

unknown_symbol() {
	sed -i -e '/^#include/iextern char saved_by_nobody[];' -e s/saved_command_line/saved_by_nobody/ \
		"$OUTSIDE/livepatch-symbols.c"
	refused "saved_by_nobody: is defined by no object of the build"
}

# Without symbols.klp modpost says what it says of any module.
unknown_kernel() {
	rm "$HEADERS/symbols.klp"
	refused 'ERROR: modpost: "saved_by_nobody" ['
}

case_of "klp-convert" convert_is_built
case_of "with the kernel" with_the_kernel
case_of "headers have what is needed" install_headers
case_of "outside, with headers only" outside
case_of "a symbol that the kernel does not have" unknown_symbol
case_of "headers of a kernel without symbols.klp" unknown_kernel
