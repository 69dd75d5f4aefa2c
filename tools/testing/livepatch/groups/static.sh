#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Checks that need no running kernel: of the texts, with the base tree's own
# tools, and of the code, by compiling it with all that can be warned of.

. "$(dirname "$0")/../group.sh"

begin_group "source build" "$@"

. "$(dirname "$0")/../guest/tap.sh"
cd "$REPO" || exit

# What we wrote, NUL-terminated; the arguments choose by name.
our_files() {
	find . \( -path ./build -o -name .git \) -prune -o -type f \( "$@" \) -print0 | sort -z
}

sources() {
	our_files -name '*.[chS]' -o -name '*.sh' -o -name '*.py' -o -name '*.rst' \
		-o -name 'Kconfig*' -o -name 'Makefile*' -o -name 'Kbuild*' ! -name '*.mod.c'
}

# The options that always hold are in .checkpatch.conf.
checkpatch() {
	xargs -0 -r -n 8 -P "$JOBS" "$PRISTINE/scripts/checkpatch.pl" \
		--terse --quiet --no-summary "$@"
}

checkpatch_sources() {
	sources | grep -zv '/include/trace/events/' | checkpatch -f
}

# The macros of trace events have a layout of their own in every kernel tree.
checkpatch_trace_events() {
	sources | grep -z '/include/trace/events/' |
		checkpatch -f --ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
}

# Patches are kept as quilt does: who signs them off is told by git.
checkpatch_patches() {
	our_files -path './patches/*.patch' | checkpatch --no-signoff
}

# silent COMMAND...: what it prints is an error, whatever its exit status.
silent() {
	local output status=0

	output=$("$@" 2>&1) || status=$?
	[ "$status$output" != 0 ] || return 0
	echo "$output"
	return 1
}

kernel_doc() {
	sources | grep -zE '\.[ch]$' |
		xargs -0 -r "$PRISTINE/scripts/kernel-doc" -none -Wall -Werror
}

shell_scripts() {
	our_files -name '*.sh' -o -name init -o -path ./.ci/run | xargs -0 shellcheck
}

# A patch that the series does not name is not applied, and nobody notices.
series_complete() {
	diff <(grep -v '^#' patches/linux-6.12/series | sort) \
		<(cd patches/linux-6.12 && ls -- *.patch)
}

# targets DIRECTORY: what is compiled of ours, whole directories and single files;
# DIRECTORY is that of the architecture, below arch/.
targets() {
	echo kernel/livepatch/ lib/livepatch/ samples/livepatch/
	find kernel/module "arch/$1" -name '*livepatch*.[cS]' | sed 's/[cS]$/o/'
}

# In a build of their own, because warnings are only seen when a file is compiled.
forget_objects() {
	local flavour=$1-static targets

	mapfile -t targets < <(targets "$2" | tr ' ' '\n')
	[ ! -d "$BUILD/$flavour" ] || (cd "$BUILD/$flavour" && rm -rf "${targets[@]}")
}

# compile ARCH DIRECTORY ARGUMENT...: whatever the compiler says of our code is
# too much.
compile() {
	local flavour=$1-static targets

	mapfile -t targets < <(targets "$2" | tr ' ' '\n')
	shift 2
	"$TESTING/kernel.sh" "$flavour" "$@" "${targets[@]}" || return
	! grep -E 'warning|error' "$LOGS/compile-parts-of-$flavour.log"
}

case $run in
source)
	case_of "checkpatch --strict: sources" checkpatch_sources
	case_of "checkpatch --strict: trace events" checkpatch_trace_events
	case_of "checkpatch --strict: patches" checkpatch_patches
	case_of "kernel-doc" silent kernel_doc
	case_of "shellcheck" shell_scripts
	case_of "the series names every patch" series_complete
	;;
build)
	forget_objects x86_64 x86
	case_of "W=1" compile x86_64 x86 W=1
	case_of "sparse" compile x86_64 x86 W=1 C=2
	forget_objects ppc64le powerpc
	case_of "W=1, ppc64le" compile ppc64le powerpc W=1
	case_of "sparse, ppc64le" compile ppc64le powerpc W=1 C=2
	;;
esac
