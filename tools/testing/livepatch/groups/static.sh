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

# look_at CHECK COMMAND...: COMMAND gets the names, NUL-terminated, of those files of stdin
# that have not yet passed CHECK as they are, by these rules and this base tree.
look_at() {
	local passed=$BUILD/.passed-$1 rules sums new

	rules=("$TESTING/groups/static.sh" .checkpatch.conf "$PRISTINE/Makefile")
	if [ ! -e "$passed" ] || [ -n "$(find "${rules[@]}" -newer "$passed")" ]; then
		: >"$passed"
	fi
	sums=$(xargs -0 -r sha256sum) || return
	new=$(grep -vxFf "$passed" <<<"$sums") || return 0
	# Behind a sum, two blanks and "./".
	cut -c 67- <<<"$new" | tr '\n' '\0' | "${@:2}" || return
	echo "$new" >>"$passed"
}

# The options that always hold are in .checkpatch.conf.
checkpatch() {
	look_at "checkpatch-$1" xargs -0 -n 8 -P "$JOBS" "$PRISTINE/scripts/checkpatch.pl" \
		--terse --quiet --no-summary "${@:2}"
}

checkpatch_sources() {
	sources | grep -zv '/include/trace/events/' | checkpatch sources -f
}

# The macros of trace events have a layout of their own in every kernel tree.
checkpatch_trace_events() {
	sources | grep -z '/include/trace/events/' |
		checkpatch trace -f --ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
}

# Patches are kept as quilt does: who signs them off is told by git. They move code of the
# base tree, and write what they add as the files do that they are for.
checkpatch_patches() {
	our_files -path './patches/*.patch' | checkpatch patches --no-signoff \
		--ignore AVOID_EXTERNS,ALLOC_SIZEOF_STRUCT,COMPARISON_TO_NULL,EMBEDDED_FILENAME
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
	our_files -name '*.sh' -o -name init -o -path ./.ci/run
}

# All of them when one has changed: they source each other.
shellcheck_all() {
	shell_scripts | xargs -0 -n 16 -P "$JOBS" shellcheck
}

shellcheck_scripts() {
	shell_scripts | look_at shellcheck shellcheck_all
}

# A patch that the series does not name is not applied, and nobody notices.
series_complete() {
	diff <(grep -v '^#' patches/linux-6.12/series | sort) \
		<(cd patches/linux-6.12 && ls -- *.patch)
}

# What "make help" says is in the Makefile beside what it is about.
helps_with_all() {
	diff <(make -s help | sed -n 's/^  \(make \)\?\([^ ]*\)  .*/\2/p' | sort) \
		<(sed -n 's/^\.PHONY: //p; s/^export \([^ ]*\).*/\1=/p' Makefile | tr ' ' '\n' | sort)
}

# all_in FILE NAME...: it has something to say of each.
all_in() {
	local file=$1 name

	shift
	for name; do
		grep -q "\<$name=" "$file" || { echo "$name is not in $file"; return 1; }
	done
}

# What can be set for the whole, and what for the selftests alone.
variables_in_readme() {
	local ours selftests=tools/testing/selftests/livepatch

	mapfile -t ours < <(sed -n 's/^export \([^ ]*\).*/\1/p' Makefile)
	all_in README.md "${ours[@]}" || return
	mapfile -t ours < <(grep -oh '{KLP_[A-Z_]*:-' $selftests/*.sh | tr -d '{:-' | sort -u)
	all_in $selftests/README "${ours[@]}"
}

# Figures that have been measured anew are to be seen in what is written about them.
figures_in_pages() {
	"$TESTING/bench/report.py" pages bench/reference.json Documentation/livepatch
}

# own_targets FLAVOUR DIRECTORY: what is compiled of ours, whole directories and single files.
own_targets() {
	echo kernel/livepatch/
	# Modules for tests take what they need for granted.
	[[ $1 = *-least ]] || echo lib/livepatch/ samples/livepatch/
	find kernel/module "arch/$2" -name '*livepatch*.[cS]' | sed 's/[cS]$/o/'
}

# base_targets DIRECTORY: the files of the base tree that the series changes, or that use
# what our headers declare; without those that powerpc does not build.
base_targets() {
	local not_built=

	[ "$1" != powerpc ] || not_built='|entry/common|static_call_inline'
	{
		sed -n -E "s,^--- a/((fs|init|kernel|lib|arch/$1)/.*\.[cS])\$,\1,p" \
			patches/linux-6.12/*.patch
		cd "$LINUX" && grep -rlE --include='*.c' '(linux|asm)/livepatch\.h|CONFIG_LIVEPATCH\>' \
			fs init kernel lib "arch/$1"
	} | grep -vE "livepatch$not_built" | sed 's/[cS]$/o/' | sort -u
}

# targets FLAVOUR DIRECTORY: what is compiled; DIRECTORY is that of the architecture, below
# arch/.
targets() {
	case $1 in
	*-none) base_targets "$2" ;;
	*-nomodules) base_targets "$2" | grep -v module ;;
	*) own_targets "$1" "$2" ;;
	esac
}

# forget_objects FLAVOUR DIRECTORY
forget_objects() {
	local targets

	mapfile -t targets < <(targets "$1" "$2" | tr ' ' '\n')
	(cd "$BUILD/$1" && rm -rf .up-to-date-* "${targets[@]}")
}

# compile FLAVOUR DIRECTORY ARGUMENT...: whatever the compiler says of our code is
# too much. In builds of their own, because it says so only when it compiles a file; what
# was compiled without a word need not be compiled again.
compile() {
	local flavour=$1 directory=$2 unseen=$BUILD/.$1-unseen targets

	mapfile -t targets < <(targets "$1" "$2" | tr ' ' '\n')
	shift 2
	[ ! -e "$unseen" ] || forget_objects "$flavour" "$directory"
	touch "$unseen"
	"$TESTING/kernel.sh" "$flavour" "$@" "${targets[@]}" || return
	! grep -E 'warning|error' "$LOGS/compile-parts-of-$flavour.log" || return
	rm "$unseen"
}

# Of ppc64le the core and the architecture's part, and no modules: with C=2 what has been
# compiled for sparse is only looked at once more, which takes seconds.
analyze_powerpc() {
	"$TESTING/kernel.sh" ppc64le-static W=1 C=2 CHECKFLAGS= \
		CHECK="$(arch_tools ppc64le)gcc -fanalyzer -S -o /dev/null" \
		kernel/livepatch/ arch/powerpc/kernel/livepatch.o || return
	! grep -E 'warning|error' "$LOGS/compile-parts-of-ppc64le-static.log" || {
		# So that it is looked at again.
		rm -f "$BUILD"/ppc64le-static/.up-to-date-*
		return 1
	}
}

# The table of who uses whom, and what the objects say: "A B" a line, A calls functions of
# B's. Trace events are called by all, and the weak functions are for architectures.
documented_uses() {
	awk '
		/^Who uses whom:$/ { on = 1 }
		on && /^=+ / && ++rules == 2 { exit }
		on && rules == 1 && !/^=/ {
			first = 1
			if (!/^ /)
				user = $(first++)
			for (i = first; i <= NF; i++) {
				sub(/,$/, "", $i)
				print user, $i
			}
		}' Documentation/livepatch/design.rst | sort
}

compiled_uses() {
	local objects

	objects=$(find "$BUILD/x86_64-static/kernel/livepatch" -name '[a-z]*.o' ! -name livepatch.o)
	# shellcheck disable=SC2086	# one word each
	nm -A $objects | sed -E 's,^.*/([a-z]+)\.o:,\1 ,' | awk '
		$3 == "T" { owner[$4] = $1 }
		$2 == "U" { used[$1 " " $3] = $3 }
		END {
			for (use in used) {
				split(use, user, " ")
				if (used[use] in owner && owner[used[use]] != user[1])
					print user[1], owner[used[use]]
			}
		}' | grep -v ' trace$' | sort -u
}

uses_as_documented() {
	diff <(documented_uses) <(compiled_uses)
}

# Of a program that ends it need not say that memory and files are
# not given back. The host fuzzer is made of parts of the core, which are looked at above.
analyze_programs() {
	our_files -path './tools/*.c' ! -path './tools/livepatch/fuzz/*' |
		xargs -0 -n 1 -P "$JOBS" gcc -D_GNU_SOURCE -O2 -Wall -Wextra -fanalyzer \
			-Wno-analyzer-malloc-leak -Wno-analyzer-file-leak -S -o /dev/null
}

# The base tree's semantic patches, on a copy of nothing but the files of stdin: whatever
# lies below the directory is looked at. Some are made of OCaml, which would have to be
# compiled, and are left out.
coccicheck() {
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	xargs -0 cp --parents -t "$scratch"
	find "$PRISTINE/scripts/coccinelle" -name '*.cocci' -exec grep -L ocaml {} + | sort |
		KBUILD_EXTMOD=$scratch LINUXINCLUDE='' srctree=$PRISTINE MODE=report J=1 \
			xargs -P "$JOBS" -I '{}' env COCCI='{}' "$PRISTINE/scripts/coccicheck" \
			>"$LOGS/coccinelle.log" 2>&1 || { cat "$LOGS/coccinelle.log"; return 1; }
	# An error in one of them is one that looks at nothing.
	! grep -E "^$scratch/|coccicheck failed|rror:" "$LOGS/coccinelle.log"
}

coccinelle() {
	our_files -name '*.[ch]' | look_at coccinelle coccicheck
}

case $run in
source)
	case_of "checkpatch --strict: sources" checkpatch_sources
	case_of "checkpatch --strict: trace events" checkpatch_trace_events
	case_of "checkpatch --strict: patches" checkpatch_patches
	case_of "kernel-doc" silent kernel_doc
	case_of "shellcheck" shellcheck_scripts
	case_of "the series names every patch" series_complete
	case_of "make help has each target and each variable" helps_with_all
	case_of "README has each variable, and so has that of the selftests" variables_in_readme
	case_of "pages have the figures of bench/reference.json" figures_in_pages
	;;
build)
	case_of "W=1 and sparse" compile x86_64-static x86 W=1 C=1
	case_of "who uses whom is documented" uses_as_documented
	# It looks at all paths through a function.
	case_of "gcc -fanalyzer: the kernel's part" compile x86_64-analyzer x86 \
		C=1 CHECKFLAGS= CHECK="gcc -fanalyzer -S -o /dev/null"
	case_of "gcc -fanalyzer: programs" silent analyze_programs
	case_of "clang, W=1" compile x86_64-clang x86 W=1
	case_of "W=1, with the least of options" compile x86_64-least x86 W=1
	case_of "W=1 and sparse, ppc64le" compile ppc64le-static powerpc W=1 C=1
	case_of "gcc -fanalyzer, ppc64le" analyze_powerpc
	case_of "the base tree without live patching" compile x86_64-none x86
	case_of "the base tree without live patching, ppc64le" compile ppc64le-none powerpc
	case_of "the base tree without modules" compile x86_64-nomodules x86
	case_of "coccinelle" coccinelle
	;;
esac
