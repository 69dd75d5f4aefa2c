# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The kernels that can be built: for each flavour its architecture, source
# tree, and the configuration fragments it is made of. Sourced.

# A flavour's name begins with its architecture, as "uname -m" calls that.
flavour_arch() {
	case $1 in
	x86_64-* | ppc64le-*) echo "${1%%-*}" ;;
	*) die "unknown kernel flavour '$1'" ;;
	esac
}

# full_flavour NAME: without an architecture it is of the one that make was told,
# ARCH=, or else of x86_64.
full_flavour() {
	case $1,${ARCH:-} in
	*-*,*) echo "$1" ;;
	*,powerpc) echo "ppc64le-$1" ;;
	*) echo "x86_64-$1" ;;
	esac
}

# What the programs of a tool chain that compiles for an architecture are
# called, before the last part. This is for an x86_64 host.
arch_tools() {
	case $1 in
	ppc64le) echo powerpc64le-linux-gnu- ;;
	esac
}

# What kbuild has to be told.
arch_make_variables() {
	case $1 in
	x86_64) echo ARCH=x86_64 ;;
	ppc64le) echo "ARCH=powerpc CROSS_COMPILE=$(arch_tools ppc64le)" ;;
	esac
}

flavour_compiler() {
	case $1 in
	*-clang) echo clang ;;
	*) echo "$(arch_tools "${1%%-*}")gcc" ;;
	esac
}

# What CC= is to be. All who build in a kernel's directory call it by the same name, or
# else kbuild begins with what depends on the compiler.
compiler_command() {
	local ccache=

	! command -v ccache >/dev/null || ccache="ccache "
	echo "$ccache$(flavour_compiler "$1")"
}

# *-stock is the unchanged base tree: claims about the stock core are tried on
# it. In *-static, *-analyzer, *-clang and *-least only our files are compiled, for the
# warnings; in *-none and *-nomodules those of the base tree that know of us.
flavour_source() {
	case $1 in
	*-stock) echo "$PRISTINE" ;;
	*) echo "$LINUX" ;;
	esac
}

flavour_fragments() {
	local arch common

	arch=$(flavour_arch "$1")
	common="base $arch tests kunit"
	[ "$arch" != x86_64 ] || common+=" btf"

	case ${1#*-} in
	stock) echo "$common" ;;
	plain) echo "$common livepatch" ;;
	static | analyzer) echo "$common livepatch modules" ;;
	least) echo "base least" ;;
	none) echo "base $arch tests none" ;;
	nomodules) echo "base $arch tests none nomodules" ;;
	clang) echo "base tests livepatch modules clang" ;;
	debug)
		common+=" livepatch faults debug debug-$arch"
		case $arch in
		x86_64) common+=" signed" ;;
		# The only kernel of its architecture that looks for leaks.
		ppc64le) common+=" kmemleak" ;;
		esac
		echo "$common"
		;;
	# Each call that can fail is let fail here, and the core can be broken on purpose:
	# with KASAN that takes six times as long.
	faults) echo "$common livepatch faults coverage kmemleak busted" ;;
	kcsan) echo "$common livepatch kcsan" ;;
	# Locks that sleep, interrupts that are threads, CPUs without a tick.
	rt) echo "$common livepatch rt" ;;
	# The other unwinder that livepatches can rely on.
	frames) echo "$common livepatch frames" ;;
	*) die "unknown kernel flavour '$1'" ;;
	esac
}
