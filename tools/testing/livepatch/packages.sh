#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The Debian packages that building, booting and checking need: install what is
# missing, as root or through sudo; otherwise tell which and how.

. "$(dirname "$0")/lib.sh"

PACKAGES=(
	# the base tree, and what builds a kernel
	linux-source-6.12 xz-utils gcc make flex bison bc perl python3 patch rsync
	libelf-dev libdw-dev pkgconf libssl-dev openssl dwarves kmod cpio ccache
	# the guest, and what the scripts here are made of
	qemu-system-x86 binutils bash coreutils findutils diffutils grep sed mawk util-linux
	# the same for ppc64le
	gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross qemu-system-ppc
	# checks of the sources
	sparse shellcheck spin clang libclang-rt-14-dev llvm coccinelle
	# plots of the benchmark
	gnuplot-nox
)

missing=()
for package in "${PACKAGES[@]}"; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
		missing+=("$package")
done
[ ${#missing[@]} != 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
	as_root=(sudo)
	# Without a terminal nobody can be asked for a password.
	if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && ! [ -t 0 ]; }; then
		die "missing packages: ${missing[*]}
install them as root with
  apt-get install -y --no-install-recommends ${missing[*]}"
	fi
fi

install_missing() {
	export DEBIAN_FRONTEND=noninteractive
	"${as_root[@]}" apt-get update &&
		"${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
}

# A password may have to be asked for, which a step with its log cannot do.
[ ${#as_root[@]} = 0 ] || sudo -v
step "install ${#missing[@]} missing packages" install_missing
