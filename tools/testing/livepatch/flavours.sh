# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The kernels that can be built: for each flavour its architecture, source
# tree, and the configuration fragments it is made of. Sourced.

flavour_arch() {
	case $1 in
	x86_64-*) echo x86_64 ;;
	*) die "unknown kernel flavour '$1'" ;;
	esac
}

# x86_64-stock is the unchanged base tree: claims about the stock core are tried
# on it. In x86_64-static only our files are compiled, for the warnings.
flavour_source() {
	case $1 in
	*-stock) echo "$PRISTINE" ;;
	*) echo "$LINUX" ;;
	esac
}

flavour_fragments() {
	local common="base x86_64 tests btf kunit"

	case $1 in
	x86_64-stock) echo "$common" ;;
	x86_64-plain) echo "$common livepatch" ;;
	x86_64-static) echo "$common livepatch modules" ;;
	x86_64-debug) echo "$common livepatch debug" ;;
	*) die "unknown kernel flavour '$1'" ;;
	esac
}
