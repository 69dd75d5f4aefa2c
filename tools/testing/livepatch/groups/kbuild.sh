#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How kernels are built again, and livepatches: with the kernel, and by somebody who has no
# more of that than a distribution's package of headers.
#
# shellcheck disable=SC2016	# what is done aside is in single quotes

. "$(dirname "$0")/../group.sh"

begin_group "+ plain ppc64le" "$@"

. "$(dirname "$0")/../guest/tap.sh"
FLAVOUR=$(run_flavour "$run")
MACHINE=$(flavour_arch "$FLAVOUR")
TOOLS=$(arch_tools "$MACHINE")
COMPILER=$(compiler_command "$FLAVOUR")
KERNEL=$BUILD/$FLAVOUR
CONVERT=$BUILD/klp-convert/klp-convert
read -ra variables < <(arch_make_variables "$MACHINE")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
HEADERS=$scratch/headers
OUTSIDE=$scratch/outside

# Objects are found again, whatever the scratch directory is called.
export CCACHE_BASEDIR=$scratch CCACHE_NOHASHDIR=1

convert_is_built() {
	make -s -C "$REPO/tools/livepatch/klp-convert" OUT="${CONVERT%/*}"
}

# needs SYMBOL MODULE: it becomes a livepatch relocation.
needs() {
	"$CONVERT" --dump "$2" >"$scratch/dump"
	grep -qF " .klp.sym.$1" "$scratch/dump" || { cat "$scratch/dump"; return 1; }
}

with_the_kernel() {
	needs vmlinux.saved_command_line,0 "$KERNEL/samples/livepatch/livepatch-symbols.ko" &&
		needs livepatch_late_mod.late_precise,0 "$KERNEL/samples/livepatch/livepatch-late.ko"
}

# As packages are made. When HOSTCC is another one, programs of the host are made once more.
install_headers() {
	make -s -C "$LINUX" O="$KERNEL" "${variables[@]}" CC="$COMPILER" HOSTCC="$COMPILER" run-command \
		KBUILD_RUN_COMMAND="\$(srctree)/scripts/package/install-extmod-build $HEADERS" &&
		[ -s "$HEADERS/symbols.klp" ] && [ ! -e "$HEADERS/vmlinux" ]
}

# build_outside [VARIABLE=VALUE]...
build_outside() {
	make -s -C "$HEADERS" "${variables[@]}" CC="$COMPILER" M="$OUTSIDE" \
		CONFIG_SAMPLE_LIVEPATCH=m modules "$@"
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

# next MODULE...: these are next, in a directory where nothing has been built.
next() {
	rm -rf "$OUTSIDE"
	mkdir "$OUTSIDE"
	cp "$REPO"/samples/livepatch/*.[ch] "$OUTSIDE/"
	echo "obj-m := ${*/%/.o}" >"$OUTSIDE/Makefile"
}

# change MODULE COMMAND...: with what these commands of sed change.
change() {
	sed -i "${@:2}" "$OUTSIDE/$1.c"
}

# changed COMMAND...: livepatch-symbols is next, with what these commands of sed change.
changed() {
	next livepatch-symbols
	change livepatch-symbols "${@/#/-e}"
}

# using SYMBOL: the commands that let it use another one.
using() {
	printf '%s\n' "/^#include.*late/aextern char $1[];" "s/, saved_command_line/, $1/"
}

# said MESSAGE: the build said that.
said() {
	grep -qF "$1" "$scratch/said" || { cat "$scratch/said"; return 1; }
}

# refused MESSAGE [VARIABLE=VALUE]...: the build ends with that and leaves no module.
refused() {
	if build_outside "${@:2}" >"$scratch/said" 2>&1 || compgen -G "$OUTSIDE/*.ko"; then
		cat "$scratch/said"
		return 1
	fi
	said "$1"
}

unknown_symbol() {
	changed "$(using saved_by_nobody)"
	refused "saved_by_nobody: is defined by no object of the build"
}

# What the build offers makes it go on.
ambiguous_symbol() {
	local line='KLP_MODULE_RELOC(vmlinux) version_show_reloc[] = { KLP_SYMPOS(version_show, 2) };'

	changed "$(using version_show)"
	refused "version_show: is ambiguous; add one of these lines:" && said "$line" || return
	changed "$(using version_show)" "/^static int new_cmdline/i$line"
	build_outside && needs vmlinux.version_show,2 "$OUTSIDE/livepatch-symbols.ko"
}

# exports MODULE: it has a function for others.
exports() {
	cat >>"$OUTSIDE/$1.c" <<-END
		int offered(void);
		int offered(void) { return 1; }
		EXPORT_SYMBOL_GPL(offered);
	END
}

# calls MODULE FUNCTION: and this one, which is livepatch-late, uses it.
calls() {
	change livepatch-late -e "/^static noinline/iint $1(void);" -e "s/late_read()/$1()/"
}

# Modules that do not belong to the kernel, and of which nothing but the exports are known.
export_of_elsewhere() {
	local elsewhere=$scratch/elsewhere

	next livepatch-late-mod
	exports livepatch-late-mod
	mv "$OUTSIDE/livepatch-late-mod.c" "$OUTSIDE/elsewhere.c"
	sed -i 's/livepatch-late-mod/elsewhere/' "$OUTSIDE/Makefile"
	build_outside || return
	rm -rf "$elsewhere"
	mv "$OUTSIDE" "$elsewhere"
	next livepatch-late
	calls offered
	build_outside KBUILD_EXTRA_SYMBOLS="$elsewhere/Module.symvers" &&
		nm -u "$OUTSIDE/livepatch-late.ko" | grep -qw offered || return
	next livepatch-late
	calls offered_by_nobody
	refused "offered_by_nobody: is defined by no object of the build" \
		KBUILD_EXTRA_SYMBOLS="$elsewhere/Module.symvers"
}

export_of_livepatch() {
	next livepatch-late livepatch-symbols
	exports livepatch-symbols
	calls offered
	build_outside && nm -u "$OUTSIDE/livepatch-late.ko" | grep -qw offered
}

single_module() {
	next livepatch-symbols
	make -s -C "$HEADERS" "${variables[@]}" CC="$COMPILER" M="$OUTSIDE" \
		livepatch-symbols.ko && needs vmlinux.saved_command_line,0 "$OUTSIDE/livepatch-symbols.ko"
}

no_livepatch() {
	next livepatch-late-mod
	build_outside && [ -e "$OUTSIDE/livepatch-late-mod.ko" ] && [ ! -e "$OUTSIDE/symbols.klp" ]
}

# What is not built any more is not in the way.
module_is_gone() {
	next livepatch-symbols livepatch-late-mod
	build_outside && grep "^\*livepatch_late_mod " "$OUTSIDE/symbols.klp" || return
	echo "obj-m := livepatch-symbols.o" >"$OUTSIDE/Makefile"
	build_outside && ! grep "^\*" "$OUTSIDE/symbols.klp"
}

# In the first build, when nothing is there but what it makes.
inlined_beside() {
	next livepatch-late livepatch-late-mod
	change livepatch-late 's/"late_temperature_get"/"late_inlined"/'
	cat >>"$OUTSIDE/livepatch-late-mod.c" <<-END
		int late_inlined(int a);
		int late_inlined(int a) { return a * 3 + 1; }
		int late_caller(int a);
		int late_caller(int a) { return late_inlined(a) % 7; }
	END
	build_outside >"$scratch/said" 2>&1 && said "late_inlined: is inlined in late_caller "
}

# The modules of the tree are looked into, too.
inlined_in_tree() {
	grep -F -- "--original @.symbols.klp.list" "$KERNEL/samples/livepatch/.livepatch-late.ko.cmd"
}

has_type_information() {
	readelf -SW "$OUTSIDE/livepatch-symbols.ko" | grep -F " .BTF "
}

# Type information is made where vmlinux is.
options_change() {
	local HEADERS=$KERNEL

	next livepatch-symbols
	build_outside && has_type_information &&
		build_outside KLP_CONVERT_FLAGS=--Werror && has_type_information
}

# Where vmlinux has been linked again, and nothing else.
other_kernel() {
	local message="vmlinux: has the build id 0123456789abcdef, but vmlinux in the symbols has "

	next livepatch-late
	"${TOOLS}gcc" -nostdlib -shared -Wl,--build-id=0x0123456789abcdef -x c -o "$HEADERS/vmlinux" /dev/null
	refused "$message"
	local status=$?
	rm "$HEADERS/vmlinux"
	return $status
}

# What a new function calls last is called, not jumped to, whatever it is: to find that out
# is what klp-convert is for. In the kernel's own build directory, because headers are for
# who builds on the machine itself.
no_sibling_call() {
	local HEADERS=$KERNEL

	changed "s/return 0;/return m->private ? version_proc_show(m, v) : seq_write(m, \"\", 0);/" \
		"/^static int new_cmdline/iint version_proc_show(struct seq_file *m, void *v);" \
		"s/return sysfs_emit(.*/return kp->ops->get(buffer, kp);/"
	build_outside && needs vmlinux.version_proc_show,0 "$OUTSIDE/livepatch-symbols.ko"
}

# Nothing but assembly does it.
sibling_call() {
	local HEADERS=$KERNEL

	changed '$aasm(".pushsection .text; .type jump, @function; jump: b dump_stack;"' \
		'$a    ".size jump, . - jump; .popsection");'
	refused "jump: sibling call of dump_stack: build with -fno-optimize-sibling-calls"
}

# Where vmlinux is.
inlined_function() {
	local HEADERS=$KERNEL message="seq_putc: is inlined in seq_hex_dump "

	changed 's/"cmdline_proc_show"/"seq_putc"/'
	build_outside >"$scratch/said" 2>&1 && said "klp-convert: warning: " && said "$message" &&
		[ -e "$OUTSIDE/livepatch-symbols.ko" ] || return
	changed 's/"cmdline_proc_show"/"seq_putc"/'
	refused "$message" KLP_CONVERT_FLAGS=--Werror
}

opted_out() {
	changed "\$aMODULE_INFO(klp_convert, \"N\");"
	refused 'ERROR: modpost: "saved_command_line" ['
}

# Without symbols.klp modpost says what it says of any module.
unknown_kernel() {
	rm "$HEADERS/symbols.klp"
	changed "$(using saved_by_nobody)"
	refused 'ERROR: modpost: "saved_by_nobody" ['
}

# aside COMMAND: what it writes below build/ goes to $scratch/written instead. Others use
# what is there at the same time.
aside() {
	local as_root=()

	[ "$EUID" = 0 ] || as_root=(--map-root-user)
	rm -rf "$scratch"/{written,work}
	mkdir "$scratch"/{written,work}
	scratch=$scratch FLAVOUR=$FLAVOUR unshare "${as_root[@]}" --mount bash -c '
		mount -t overlay overlay -o userxattr \
			-o "lowerdir=$BUILD,upperdir=$scratch/written,workdir=$scratch/work" "$BUILD" ||
			exit 1
		'"$1"
}

# written: what has been aside, but for what we write each time.
written() {
	(cd "$scratch/written" && find . -type f ! -path './logs/*' ! -name '*.lock' \
		! -name .up-to-date -printf '%P\n' | sed "s,^$FLAVOUR/,," | sort)
}

nothing_to_do() {
	aside '"$TESTING/setup.sh" "$FLAVOUR"' && diff /dev/null <(written)
}

# Kbuild itself writes two files each time.
nothing_for_kbuild() {
	aside 'rm "$BUILD/$FLAVOUR/.up-to-date"
		"$TESTING/kernel.sh" "$FLAVOUR"' &&
		diff <(printf '%s\n' .missing-syscalls.d Makefile) <(written)
}

# All that is compiled, and nothing linked, which takes most of the time.
one_file_changed() {
	aside 'touch "$LINUX/kernel/livepatch/state.c"
		"$TESTING/kernel.sh" "$FLAVOUR" ./' || return
	diff <(echo kernel/livepatch/.state.o.cmd) <(cd "$scratch/written/$FLAVOUR" &&
		find . -name '.*.o.cmd' -printf '%P\n' | xargs grep -l '^source_')
}

# Of an architecture whose relocations klp-convert does not know, modules are built without.
other_architecture() {
	local out=$scratch/be common

	common=(-s -C "$LINUX" "O=$out" "${variables[@]}")
	make "${common[@]}" ppc64_defconfig &&
		"$LINUX/scripts/config" --file "$out/.config" -e FTRACE -e FUNCTION_TRACER \
			-e DYNAMIC_FTRACE -e KALLSYMS_ALL -e LIVEPATCH &&
		make "${common[@]}" olddefconfig || return
	grep -E '^CONFIG_(LIVEPATCH|CPU_BIG_ENDIAN|KLP_CONVERT)=' "$out/.config" |
		sort | diff <(printf '%s\n' CONFIG_CPU_BIG_ENDIAN=y CONFIG_LIVEPATCH=y) -
}

if [ "$run" = ppc64le ]; then
	case_of "klp-convert" convert_is_built
	case_of "with the kernel" with_the_kernel
	case_of "what a new function calls last" no_sibling_call
	case_of "a jump out of a livepatch" sibling_call
	case_of "big-endian: no klp-convert" other_architecture
	exit
fi
case_of "klp-convert" convert_is_built
case_of "with the kernel" with_the_kernel
case_of "headers have what is needed" install_headers
case_of "outside, with headers only" outside
case_of "a symbol that the kernel does not have" unknown_symbol
case_of "a symbol that the kernel has several of" ambiguous_symbol
case_of "a symbol that a module of somebody else exports" export_of_elsewhere
case_of "a symbol that another livepatch exports" export_of_livepatch
case_of "nothing but the one module" single_module
case_of "no livepatch, no symbols" no_livepatch
case_of "a module that is not built any more" module_is_gone
case_of "a function that is inlined elsewhere" inlined_function
case_of "a function of a module beside it that is inlined elsewhere" inlined_beside
case_of "modules of the kernel are looked into" inlined_in_tree
case_of "type information, when only options change" options_change
case_of "symbols of another kernel than vmlinux" other_kernel
case_of "not through klp-convert" opted_out
case_of "headers of a kernel without symbols.klp" unknown_kernel
# Last: what the others have done to the kernel's directory is seen, too.
if aside true 2>/dev/null; then
	case_of "what is built already is not built again" nothing_to_do
	case_of "kbuild finds nothing to build again" nothing_for_kbuild
	case_of "one file of the core is changed: no other is compiled" one_file_changed
else
	for name in "what is built already is not built again" "kbuild finds nothing to build again" \
		"one file of the core is changed: no other is compiled"; do
		skip "$name" "nothing can be built aside here"
	done
fi
