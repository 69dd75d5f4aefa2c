#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Configure and build one kernel, or some make targets of it, into
# build/FLAVOUR: kernel.sh FLAVOUR [TARGET...]. flavours.sh names the flavours.
# A kernel that is up to date costs a look at the times of files. Guests boot vmlinux: the
# images that boot loaders want are not made.
#
# Each requested option must have survived Kconfig's dependencies: a test on a
# kernel that silently lacks an option proves nothing.

. "$(dirname "$0")/lib.sh"
. "$TESTING/flavours.sh"

FLAVOUR=${1:?usage: kernel.sh FLAVOUR [TARGET...]}
shift
TARGETS=("$@")
[ $# != 0 ] || TARGETS=(vmlinux modules)
SOURCE=$(flavour_source "$FLAVOUR")
MACHINE=$(flavour_arch "$FLAVOUR")
OUT=$BUILD/$FLAVOUR
STAMP=$OUT/.up-to-date
[ $# = 0 ] || STAMP+=-$(cksum <<<"$*" | tr ' ' -)

# The same source must give the same objects, wherever and whenever it is
# built: it makes ccache hit and runs comparable.
export KBUILD_BUILD_TIMESTAMP="Thu Jan  1 00:00:00 UTC 2026"
export KBUILD_BUILD_USER=livepatch KBUILD_BUILD_HOST=localhost
export KBUILD_BUILD_VERSION=1
export CCACHE_BASEDIR=$REPO CCACHE_NOHASHDIR=1

kernel_make() {
	local cc variables

	cc=$(compiler_command "$FLAVOUR")
	read -ra variables < <(arch_make_variables "$MACHINE")
	make -C "$SOURCE" O="$OUT" "${variables[@]}" CC="$cc" "$@"
}

fragment_paths() {
	local name

	for name in $(flavour_fragments "$FLAVOUR"); do
		echo "$CONFIGS/$name.config"
	done
}

# What fragment files ask for; a later one may take back what an earlier one wants.
requested_options() {
	grep -hE '^(CONFIG_|# CONFIG_.* is not set)' "$@" | tac | awk '
		{ symbol = $1 == "#" ? $2 : $1; sub(/=.*/, "", symbol) }
		!seen[symbol]++' | tac
}

# Prints the lines of fragment files that are not so in the configuration.
missing_options() {
	local line symbol

	requested_options "$@" | while read -r line; do
		if [[ $line = "# "* ]]; then
			symbol=${line#\# }
			! grep -q "^${symbol%% *}=" "$OUT/.config" || echo "$line"
		else
			grep -qxF "$line" "$OUT/.config" || echo "$line"
		fi
	done
}

configure() {
	local fragments missing stamp

	mapfile -t fragments < <(fragment_paths)
	stamp=$(cat "${fragments[@]}" | sha256sum)
	if [ -f "$OUT/.config" ] && [ "$(cat "$OUT/.fragments" 2>/dev/null)" = "$stamp" ]; then
		return
	fi
	mkdir -p "$OUT"
	if [ "$MACHINE" = x86_64 ]; then
		kernel_make -s tinyconfig
		"$SOURCE/scripts/kconfig/merge_config.sh" -m -Q -O "$OUT" "$OUT/.config" \
			"${fragments[@]}"
		kernel_make -s olddefconfig
	else
		# A tinyconfig is for another machine: with the right one, options
		# appear of which many are on by default.
		cat "${fragments[@]}" >"$OUT/.requested"
		KCONFIG_ALLCONFIG=$OUT/.requested kernel_make -s allnoconfig
	fi
	missing=$(missing_options "${fragments[@]}")
	if [ -n "$missing" ]; then
		echo "Options that Kconfig did not keep:"
		echo "$missing"
		return 1
	fi
	echo "$stamp" >"$OUT/.fragments"
}

# Our samples are built with the kernel, as CONFIG_SAMPLE_LIVEPATCH=m does. Nothing but
# makefiles knows of that option: to have it in .config would compile everything anew.
build() {
	local samples=()

	[[ $FLAVOUR = *-stock ]] || samples=(CONFIG_SAMPLES=y CONFIG_SAMPLE_LIVEPATCH=m)
	kernel_make -s -j"$JOBS" "${samples[@]}" "${TARGETS[@]}"
}

# What is built depends on this, and on the sources.
conditions() {
	cat "$BUILD/.pristine-stamp"
	cat "$OUT/.config" "$TESTING"/{kernel,flavours}.sh | sha256sum
	"$(flavour_compiler "$FLAVOUR")" --version | sed -n 1p
	echo "${TARGETS[*]} ${KCFLAGS-}"
}

# Kbuild starts many programs to find that out. A directory is newer when a file in it comes
# or goes. What somebody takes out of the build directory is not missed: "make clean" does
# that as a whole.
built_already() {
	[ -e "$OUT/vmlinux" ] || [ $# != 0 ] || return
	[ "$(conditions)" = "$(cat "$STAMP" 2>/dev/null)" ] &&
		[ -z "$(find "$SOURCE" -newer "$STAMP" -print -quit)" ]
}

locked "kernel-$FLAVOUR"
step "configure $FLAVOUR" configure
! built_already "$@" || exit 0
# Older than what changes meanwhile
rm -f "$STAMP"
conditions >"$STAMP.new"
if [ $# = 0 ]; then
	step "build $FLAVOUR" build
else
	step "compile parts of $FLAVOUR" build
fi
mv "$STAMP.new" "$STAMP"
