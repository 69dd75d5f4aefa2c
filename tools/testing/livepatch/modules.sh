#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the modules that tests load, against one kernel: modules.sh FLAVOUR,
# into build/modules-FLAVOUR. Each set is built in a copy of its sources, so
# that flavours do not overwrite each other's objects:
#
#   stock-selftests  the base tree's own selftests, unmodified
#   stock-samples    the base tree's own samples, unmodified
#   ours             this repository's test modules and samples; with the stock core
#                    only what the benchmark loads
#
# build/modules-FLAVOUR-root is what a guest gets: the same three directories,
# with nothing in them but scripts, programs and modules, and our selftests.

. "$(dirname "$0")/lib.sh"
. "$TESTING/flavours.sh"

FLAVOUR=${1:?usage: modules.sh FLAVOUR}
MACHINE=$(flavour_arch "$FLAVOUR")
TOOLS=$(arch_tools "$MACHINE")
KERNEL=$BUILD/$FLAVOUR
OUT=$BUILD/modules-$FLAVOUR
ROOT=$OUT-root

# What this repository's modules are made from, below its top.
OUR_SOURCES=(Kbuild lib/livepatch samples/livepatch)

# What there is with a signature, too.
SIGNED=(test_klp_patch_b test_klp_reloc test_klp_reloc_base test_klp_reloc_target)

# And what else decides about the result, besides the kernel and the base tree.
OUR_INPUTS=("${OUR_SOURCES[@]}" include tools/livepatch/klp-convert
	tools/testing/selftests/livepatch tools/testing/livepatch/elf
	tools/testing/livepatch/{flavours,modules}.sh)

# As kernel.sh does: objects are found again in another checkout.
export CCACHE_BASEDIR=$REPO CCACHE_NOHASHDIR=1

# Refresh a copy of sources and keep what was built from them.
copy_sources() {
	rsync -a --delete --exclude-from=- "$@" <<-END
		*.o
		*.ko
		*.mod
		*.mod.c
		.*.cmd
		*klp_*_list.h
		*.variants/
		symbols.klp
		.symbols.klp.list
		modules.livepatch
		modules.order
		Module.symvers
	END
}

module_make() {
	local cc variables

	cc=$(compiler_command "$FLAVOUR")
	read -ra variables < <(arch_make_variables "$MACHINE")
	make -s -C "$KERNEL" "${variables[@]}" CC="$cc" -j"$JOBS" "$@"
}

# Modules carry type information that refers to the kernel's: kbuild does not
# link an external module again when only the kernel has changed.
build_modules() {
	local dir=$1

	shift
	if [ "$KERNEL/vmlinux" -nt "$dir/modules.order" ]; then
		find "$dir" -name '*.ko' -delete
	fi
	module_make "$@" M="$dir" modules
	touch "$dir/modules.order"
}

# The torture test is built with the kernel.
torture() {
	local dir=$ROOT/torture

	mkdir -p "$dir"
	cp "$KERNEL/kernel/torture.ko" "$KERNEL"/lib/livepatch/torture/*.ko "$dir/"
}

# So are the samples. Built outside, too, they are those of a plain "make modules" here.
samples() {
	cp "$KERNEL"/samples/livepatch/*.ko "$ROOT/ours/samples/livepatch/"
}

# Only what the sources still name: a module left over from an older build is
# not a test.
modules_of() {
	sed -n 's/\.o$/.ko/p' "$1/modules.order"
}

stock_selftests() {
	local dir=$OUT/stock-selftests

	mkdir -p "$dir"
	copy_sources "$PRISTINE/tools/testing/selftests/livepatch/" "$dir/"
	build_modules "$dir/test_modules"
	"${TOOLS}gcc" -O2 -o "$dir/test_klp-call_getpid" "$dir/test_klp-call_getpid.c"
}

stock_samples() {
	local dir=$OUT/stock-samples

	mkdir -p "$dir"
	copy_sources "$PRISTINE/samples/livepatch/" "$dir/"
	build_modules "$dir" CONFIG_SAMPLE_LIVEPATCH=m
}

# The build of an unchanged kernel knows nothing of klp-convert: here modpost warns of the
# symbols that are not exported, and the livepatch that has such is converted afterwards.
bench_modules() {
	local dir=$OUT/ours convert=$BUILD/klp-convert

	mkdir -p "$dir"
	copy_sources "$REPO/lib/livepatch/bench/" "$dir/"
	build_modules "$dir" CONFIG_TEST_LIVEPATCH=m KBUILD_MODPOST_WARN=1
	make -s -C "$REPO/tools/livepatch/klp-convert" OUT="$convert"
	"$convert/klp-convert" --make-symbols "$dir/symbols.klp" "$KERNEL/vmlinux" \
		"$dir/klp_bench_m000.ko"
	"$convert/klp-convert" --symbols "$dir/symbols.klp" \
		"$dir/klp_bench_reloc.ko" "$dir/klp_bench_reloc.ko"
}

ours() {
	local dir=$OUT/ours

	mkdir -p "$dir"
	(cd "$REPO" && copy_sources --relative "${OUR_SOURCES[@]}" "$dir/")
	build_modules "$dir"
	[ ! -e "$dir/lib/livepatch/reloc/test_klp_reloc.ko" ] ||
		TOOLS=$TOOLS "$TESTING/elf/make-variants.sh" "$dir"
}

# What our selftests run besides modules; kselftest's own makefile builds it.
our_programs() {
	local dir=$OUT/programs

	mkdir -p "$dir"
	make -s -C "$LINUX/tools/testing/selftests/livepatch" OUTPUT="$dir" \
		CC="${TOOLS}gcc" all
}

# Each load copies all of a file: guests do not need what only a debugger reads. Those of the
# benchmark stay: what lies where in memory makes three percent of some figures, and its
# reference was measured so.
strip_modules() {
	find "$ROOT" -name '*.ko' ! -path '*/bench/*' -exec "${TOOLS}strip" --strip-debug {} +
}

# Where the kernel has a key, some modules again, signed with it.
signed() {
	local key=$KERNEL/certs/signing_key module

	[ -f "$key.pem" ] || return 0
	mkdir "$ROOT/signed"
	for module in "${SIGNED[@]}"; do
		"$KERNEL/scripts/sign-file" sha256 "$key.pem" "$key.x509" \
			"$(find "$ROOT/ours" -name "$module.ko")" "$ROOT/signed/$module.ko"
	done
}

# The copies' directories, without sources and objects.
fill_root() {
	local set module

	rm -rf "$ROOT"
	for set in stock-selftests/test_modules stock-samples ours; do
		[ -d "$OUT/$set" ] || continue
		mkdir -p "$ROOT/$set"
		modules_of "$OUT/$set" | while read -r module; do
			module=${module#"$OUT/$set/"}
			(cd "$OUT/$set" && cp --parents "$module" "$ROOT/$set/")
		done
	done
	if [ -d "$OUT/programs" ]; then
		torture
		samples
	fi
	strip_modules
	if [ -d "$OUT/programs" ]; then
		(cd "$OUT/ours" && find . -type d -name '*.variants' \
			-exec cp -r --parents -t "$ROOT/ours/" {} +)
		cp -r "$REPO/tools/testing/selftests/livepatch" "$ROOT/selftests"
		find "$OUT/programs" -maxdepth 1 -type f -perm -u+x -exec cp -t "$ROOT/selftests/" {} +
		signed
	fi
	cp "$OUT"/stock-selftests/*.sh "$OUT/stock-selftests/test_klp-call_getpid" \
		"$ROOT/stock-selftests/"
}

# Several makes, to find that there is nothing to do, take longer than this.
inputs() {
	cat "$BUILD/.pristine-stamp"
	stat -c '%n %s %Y' "$KERNEL/vmlinux"
	(cd "$REPO" && find "${OUR_INPUTS[@]}" -type f -print0 | sort -z | xargs -0 sha256sum)
}

locked "modules-$FLAVOUR"
now=$(inputs)
[ "$now" != "$(cat "$OUT/.inputs" 2>/dev/null)" ] || exit 0
rm -f "$OUT/.inputs"
step "stock selftests for $FLAVOUR" stock_selftests
step "stock samples for $FLAVOUR" stock_samples
if [[ $FLAVOUR = *-stock ]]; then
	step "modules of the benchmark for $FLAVOUR" bench_modules
else
	step "our modules for $FLAVOUR" ours
	step "our programs for $FLAVOUR" our_programs
fi
step "collect modules for $FLAVOUR" fill_root
echo "$now" >"$OUT/.inputs"
