#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests of klp-convert on the build host; prints TAP.
#
#   OUT=DIRECTORY [FUZZ=SECONDS] [SEED=NUMBER] run.sh [fuzz]
#
# With "fuzz" only that, for so many seconds; SEED is where mutations begin.
#
# cases/NAME.s is assembled and converted against the build described by
# objects/symbols.klp.  It must give what NAME.dump shows, or fail with the
# messages in NAME.err and leave nothing behind.  REGENERATE=1 writes these
# files anew, for a reader to judge.

set -u
export LC_ALL=C

tests=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
OUT=${OUT:-$tests/../../../../build/klp-convert}
FUZZ=${FUZZ:-24}
SEED=${SEED:-1}
mkdir -p "$OUT" || exit 1
OUT=$(readlink -f "$OUT")
convert=$OUT/klp-convert
symbols=$tests/objects/symbols.klp
work=$OUT/tests

count=0
failed=0

# result STATUS NAME [FILE]: one line of TAP; FILE tells more of a failure
result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $2"
	if [ -n "${3-}" ]; then
		sed 's/^/# /' "$3"
	fi
}

# skip NAME REASON
skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# same EXPECTED ACTUAL NAME: the files hold the same
same()
{
	if [ -n "${REGENERATE-}" ]; then
		cp "$2" "$1"
	fi
	diff -u "$1" "$2" > "$work/diff" 2>&1
	result $? "$3" "$work/diff"
}

# refused NAME MESSAGE COMMAND...: exit status 1, this line and no other
refused()
{
	local name=$1 message=$2
	shift 2

	rm -f "$work/refused.out"
	"$@" > "$work/refused.log" 2>&1
	local status=$?
	echo "klp-convert: $message" > "$work/refused.expected"
	[ $status -eq 1 ] && [ ! -e "$work/refused.out" ] &&
		cmp -s "$work/refused.expected" "$work/refused.log"
	result $? "refuse $name" "$work/refused.log"
}

# machine SOURCE: the machine that it is for; powerpc-NAME.s is for ppc64le
machine()
{
	case $(basename "$1") in
	powerpc-*) echo ppc64le ;;
	*) echo x86_64 ;;
	esac
}

# tool MACHINE NAME ARGUMENT...
tool()
{
	local prefix=
	[ "$1" = ppc64le ] && prefix=powerpc64le-linux-gnu-
	"$prefix$2" "${@:3}"
}

# assemble SOURCE OUTPUT [MACHINE]
assemble()
{
	local machine=${3:-$(machine "$1")} defines=()

	[ "$machine" = ppc64le ] && defines=(--defsym powerpc=1)
	tool "$machine" as "${defines[@]}" -I "$tests" -o "$2" "$1"
}

build_objects()
{
	assemble "$tests/objects/core.s" core.o &&
	assemble "$tests/objects/early.s" early.o &&
	assemble "$tests/objects/target-main.s" target-main.o &&
	assemble "$tests/objects/target-second.s" target-second.o &&
	assemble "$tests/objects/other-module.s" other-module.ko &&
	ld -T "$tests/objects/vmlinux.lds" --build-id=0x0123456789abcdef \
		-o vmlinux core.o early.o &&
	ld -r --build-id=0x1111 -o target.ko target-main.o target-second.o
}

test_symbols()
{
	assemble "$tests/cases/auto-vmlinux.s" livepatch.ko
	printf '%s\n' "$work/target.ko" "$work/livepatch.ko" > list
	"$convert" --make-symbols symbols.klp vmlinux @list other-module.ko
	sed 's/^\*other_module .*/*other_module 2222/' symbols.klp > symbols.out
	same "$symbols" symbols.out \
		"symbols of a build: order of addresses, exports, no init, no livepatches"
}

# Where the loader keeps init sections the kernel finds what is in there, too.
test_init_symbols()
{
	echo 'twice: nop' > text.s
	printf '%s\n' '.section .init.text, "ax"' 'twice: nop' 'once: nop' > init.s
	assemble text.s text.o ppc64le && assemble init.s init.o ppc64le &&
		tool ppc64le ld -r -o init.ko text.o init.o &&
		"$convert" --make-symbols init.klp init.ko &&
		grep -q '^once$' init.klp && grep -q '^twice 2 ' init.klp
	result $? "symbols of a module that keeps its init sections" init.klp

	printf '%s\n' '.section .modinfo, "a"' '.asciz "vermagic=6.12.0 SMP "' \
		'.section .exit.text, "ax"' 'gone: nop' > exit.s
	assemble exit.s exit.ko x86_64 && "$convert" --make-symbols exit.klp exit.ko &&
		! grep -q '^gone' exit.klp && sed -i 's/SMP /SMP mod_unload /' exit.s &&
		assemble exit.s exit.ko x86_64 && "$convert" --make-symbols exit.klp exit.ko &&
		grep -q '^gone$' exit.klp
	result $? "symbols in exit sections count if modules can be removed" exit.klp
}

# A build's size must not be felt: real modules are larger, but not a hundredfold.
# The time is the processor's, because others may keep it busy.
test_many_modules()
{
	mkdir -p many
	printf '%s\n' many/module{1..5000}.ko > list
	xargs -x -n 5000 -a list tee < other-module.ko > /dev/null
	(ulimit -t 2; "$convert" --make-symbols many.klp vmlinux @list) 2> log &&
		[ "$(grep -c '^\*module' many.klp)" -eq 5000 ]
	result $? "symbols of 5000 modules in seconds" log
	assemble "$tests/cases/weak.s" livepatch.ko
	(ulimit -t 2; "$convert" --symbols many.klp --original @list livepatch.ko livepatch.out) \
		> log 2>&1
	result $? "5000 modules that are not patched, in seconds" log
	rm -rf many
}

# What the compiler has taken apart takes no more memory than it has.
test_many_parts()
{
	{
		cat "$tests/cases/weak.s"
		printf '\t.section .text.part%d, "ax"\n\t.skip 1024\n' $(seq 4000)
	} > parts.s
	assemble parts.s parts.ko x86_64 &&
		(ulimit -v 200000; "$convert" --symbols "$symbols" parts.ko parts.out) > log 2>&1 &&
		! readelf -SW parts.out | grep -qF .text.part
	result $? "4000 parts of a section in little memory" log

	# Two sections of one name would not be loaded.
	{
		cat "$tests/cases/weak.s"
		printf '\t.section .data\n\t.quad 1\n'
		printf '\t.section .data.zero, "aw", @nobits\n\t.skip 8\n'
	} > kinds.s
	as -W -I "$tests" -o kinds.ko kinds.s &&
		"$convert" --symbols "$symbols" kinds.ko kinds.out 2> log &&
		readelf -SW kinds.out | grep -qF ' .data.zero '
	result $? "a part of another kind stays" log
}

test_case()
{
	local name=$1 status

	rm -f "$name.out"
	assemble "$tests/cases/$name.s" "$name.ko"
	"$convert" --symbols "$symbols" "$name.ko" "$name.out" 2> "$name.log"
	status=$?
	if [ -e "$tests/cases/$name.err" ]; then
		[ $status -eq 1 ] && [ ! -e "$name.out" ]
		result $? "case $name fails" "$name.log"
		same "$tests/cases/$name.err" "$name.log" "case $name: messages"
		return
	fi

	result $status "case $name" "$name.log"
	{
		"$convert" --dump "$name.out"
		echo "undefined:"
		nm -u "$name.out"
		echo "sections:"
		readelf -SW "$name.out" | sed -n 's/^ *\[ *[0-9]*\] \([^ ]*\) .*/\1/p'
	} > "$name.result" 2>&1
	same "$tests/cases/$name.dump" "$name.result" "case $name: dump"

	"$convert" --check "$name.out" --symbols "$symbols" 2> "$name.log"
	result $? "case $name: passes its own check" "$name.log"
	tool "$(machine "$name")" strip --strip-debug -o "$name.stripped" "$name.out" &&
		diff <("$convert" --dump "$name.out") <("$convert" --dump "$name.stripped") \
			> "$name.log" 2>&1
	result $? "case $name: survives strip" "$name.log"
	readelf -aW "$name.out" > /dev/null 2> "$name.log" && [ ! -s "$name.log" ]
	result $? "case $name: readelf has nothing to say" "$name.log"
}

test_repetition()
{
	assemble "$tests/cases/listed.s" once.ko
	cp once.ko twice.ko
	"$convert" --symbols "$symbols" once.ko once.out &&
		mkdir -p elsewhere &&
		cp once.ko elsewhere/other-name.ko &&
		"$convert" --symbols "$symbols" elsewhere/other-name.ko elsewhere/out &&
		cmp once.out elsewhere/out > log 2>&1
	result $? "same input, same bytes" log

	"$convert" --symbols "$symbols" twice.ko twice.ko && cmp once.out twice.ko > log 2>&1
	result $? "output may replace the input" log
	"$convert" --symbols "$symbols" twice.ko twice.ko && cmp once.out twice.ko > log 2>&1
	result $? "a second conversion changes nothing" log
	# As by another tool, which does not put together what is to be, by its name, and does
	# not leave ordinary relocations where there are none.
	sed '/call two/d; /jmp/d; s/\.text\.one/.textxone/' "$tests/cases/merged.s" > apart.s &&
		assemble apart.s apart.ko &&
		"$convert" --symbols "$symbols" apart.ko apart.out 2> log &&
		objcopy -R .rela.textxone -R .rela.text apart.out copied.ko 2> log &&
		sed 's/\.textxone/.text.one/g' copied.ko > theirs.ko &&
		"$convert" --symbols "$symbols" theirs.ko theirs.out 2> log &&
		diff <("$convert" --dump theirs.ko) <("$convert" --dump theirs.out) > log 2>&1
	result $? "nor does that of a module that another tool has converted" log

	{
		echo klp-convert-symbol-data.3
		echo -
		echo "*target another-build"
		echo "target_hidden 2 - -"
		echo .
	} > newer.klp
	assemble "$tests/cases/auto-module.s" in.ko
	"$convert" --symbols newer.klp --symbols "$symbols" in.ko log.out 2> log &&
		! "$convert" --symbols "$symbols" --symbols newer.klp in.ko log.out 2> log &&
		grep -q "target_hidden: is ambiguous" log &&
		grep -q "target_data: is defined by no object" log
	result $? "the last file says what is in a module" log

	assemble "$tests/cases/declared.s" annotated.ko
	! grep -q hidden_func <("$convert" annotated.ko annotated.out 2>&1) &&
		nm -u annotated.out > log && [ "$(tr -d ' U\n' < log)" = hidden_func ]
	result $? "without --symbols only annotations are converted" log
}

# Who reads debugging information with libdw, as the kernel's build does to make type
# information, reads that of a converted livepatch, too.
test_debugged()
{
	local member='struct shown_member  *member;'

	cp "$tests/objects/debugged.c" . &&
		${HOSTCC:-gcc} -g -O2 -ffreestanding -fno-pie -c -o debugged.ko debugged.c &&
		"$convert" --symbols "$symbols" debugged.ko debugged.out 2> log &&
		"$convert" --dump debugged.out > log &&
		grep -q "R_X86_64_64 .klp.sym.vmlinux.hidden_data,0" log &&
		pahole -C shown debugged.out > log 2>&1 && grep -q "$member" log
	result $? "debugging information survives" log
	${HOSTCC:-gcc} -g -gz=zlib -O2 -ffreestanding -fno-pie -c -o debugged.o debugged.c &&
		ld -r --compress-debug-sections=zlib -o compressed.ko debugged.o &&
		"$convert" --symbols "$symbols" compressed.ko compressed.out 2> log &&
		pahole -C shown compressed.out > log 2>&1 && grep -q "$member" log
	result $? "also if it is compressed" log
	objcopy debugged.out copied.out &&
		pahole -C shown copied.out > log 2>&1 && grep -q "$member" log
	result $? "and is there after objcopy" log
}

# What those make of a livepatch that do not know SHN_LIVEPATCH: nothing.
test_llvm()
{
	local tool

	assemble "$tests/cases/auto-module.s" in.ko &&
		"$convert" --symbols "$symbols" in.ko known.ko 2> log
	result $? "a livepatch that refers to what is not exported" log
	for tool in llvm-strip llvm-objcopy; do
		if ! command -v $tool > log; then
			skip "refuse a livepatch: $tool" "not installed"
			continue
		fi
		cp known.ko copied.ko
		$tool in.ko 2> log && ! $tool copied.ko 2> log &&
			cmp known.ko copied.ko && grep -q 65312 log
		result $? "refuse a livepatch: $tool" log
	done
}

# The macros of <linux/livepatch.h> that name symbols: not every compiler takes the quotes
# away that others need.
test_declarations()
{
	local cc

	sed -n '/^#.*__clang__/,/^#endif/p; /^#define KLP_RELOC_SYMBOL/,/[^\\]$/p' \
		"$tests/../../../../include/linux/livepatch.h" > livepatch.h
	cat > declared.c <<-END
		#include "livepatch.h"
		extern int hidden KLP_RELOC_SYMBOL(target, other_module, other_hidden);
		extern int second KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, name.isra.0, 2);
		int *use[] = { &hidden, &second };
	END
	printf 'U %s\n' .klp.sym.rela.target.other_module.other_hidden,0 \
		.klp.sym.rela.vmlinux.vmlinux.name.isra.0,2 > expected
	for cc in gcc clang; do
		$cc -c -o declared.o declared.c 2> log &&
			nm -u declared.o | sed 's/^ *//' > log && cmp -s expected log
		result $? "a declaration, $cc" log
	done
}

test_bad_symbols()
{
	printf '.include "klp.inc"\n%s\n%s\n' '.section .modinfo, "a"' \
		'.asciz "vermagic=6.12.0 "; .text; func:' > magic.s
	assemble magic.s magic.ko

	local header=klp-convert-symbol-data.3 message

	assemble "$tests/cases/auto-vmlinux.s" in.ko
	printf 'klp-convert-symbol-data.0.1\n*vmlinux\n' > bad.klp
	refused "symbols of another format" "bad.klp: unknown format, not \"$header\"" \
		"$convert" --symbols bad.klp in.ko refused.out
	head -n 5 "$symbols" > bad.klp
	refused "symbols that end too early" "bad.klp: ends too early" \
		"$convert" --symbols bad.klp in.ko refused.out
	printf '%s\n-\nhidden_func\n.\n' $header > bad.klp
	refused "a symbol of no object" "bad.klp:3: a symbol of no object" \
		"$convert" --symbols bad.klp in.ko refused.out
	printf '%s\n-\n*vmlinux\n.\n' $header > bad.klp
	refused "an object without a build id" "bad.klp:3: an object without a build id" \
		"$convert" --symbols bad.klp in.ko refused.out
	printf '%s\n-\n*vmlinux -\nhidden_func 3 a.c b.c\n.\n' $header > bad.klp
	refused "a count that is wrong" \
		"bad.klp: hidden_func: the count does not match the files" \
		"$convert" --symbols bad.klp in.ko refused.out
	printf '%s\n-\n*vmlinux -\n.\nhidden_func\n' $header > bad.klp
	refused "lines after the end" "bad.klp:5: not a line of a symbols file" \
		"$convert" --symbols bad.klp in.ko refused.out
	printf '%s\n-\n*vmlinux 1111\n.\n' $header > bad.klp
	refused "symbols of two builds" \
		"bad.klp:3: vmlinux is of another build than in the files before" \
		"$convert" --symbols "$symbols" --symbols bad.klp in.ko refused.out
	printf '%s\n6.12.1 \n*other -\n.\n' $header > bad.klp
	message='bad.klp: is of another build than the files before: '
	message+='"6.12.1 ", not "6.12.0 SMP mod_unload "'
	refused "modules for another kernel" "$message" \
		"$convert" --symbols "$symbols" --symbols bad.klp in.ko refused.out
	message='magic.ko: .modinfo: is for the kernel "6.12.0 ", '
	message+='but the symbols are of "6.12.1 "'
	refused "a livepatch for another kernel" "$message" \
		"$convert" --symbols bad.klp magic.ko refused.out
	refused "symbols that are not there" "none.klp: No such file or directory" \
		"$convert" --symbols none.klp in.ko refused.out
}

# What is for one build is not for another, as far as it says.
test_other_build()
{
	local message

	sed 's/^\*vmlinux .*/*vmlinux 9999/' "$symbols" > other.klp
	assemble "$tests/cases/auto-vmlinux.s" in.ko
	"$convert" --symbols "$symbols" in.ko marked.ko 2> log &&
		readelf -p .modinfo marked.ko > log 2>&1 &&
		grep -q ' klp_build=0123456789abcdef$' log
	result $? "a livepatch says which build it is for" log
	message='marked.ko: .modinfo: is for a vmlinux with the build id 0123456789abcdef, '
	message+='but the symbols are of one with 9999'
	refused "to check a livepatch with another build" "$message" \
		"$convert" --symbols other.klp --check marked.ko
	refused "to convert a livepatch of another build" "$message" \
		"$convert" --symbols other.klp marked.ko refused.out

	sed 's/klp_build=01/klp_build=\n1/' marked.ko > bad.ko
	refused "a build id of two lines" "bad.ko: .modinfo: klp_build is not text" \
		"$convert" --symbols "$symbols" --check bad.ko

	sed 's/klp_build/not_build/' marked.ko > unmarked.ko
	"$convert" --symbols other.klp --check unmarked.ko > log 2>&1
	result $? "another builder's livepatch need not say it" log
	sed 's/^\*vmlinux .*/*vmlinux -/' "$symbols" > other.klp
	"$convert" --symbols other.klp --check marked.ko > log 2>&1
	result $? "symbols need not say it" log
	"$convert" --symbols other.klp in.ko unmarked.ko > log 2>&1 &&
		! grep -q klp_build unmarked.ko
	result $? "and then the livepatch does not" log
	sed '/^hidden_func$/d' other.klp > without.klp
	refused "what is wrong with it anyway" \
		"marked.ko: .klp.sym.vmlinux.hidden_func,0: vmlinux has no symbol hidden_func" \
		"$convert" --symbols without.klp --check marked.ko
}

build_original()
{
	mkdir -p original
	cp "$tests/objects/original.c" . &&
		${HOSTCC:-gcc} -g -O2 -ffreestanding -fno-pie -c -o original.o original.c &&
		ld --build-id=0x4444444444444444 -e caller -o original/vmlinux original.o &&
		"$convert" --make-symbols original.klp original/vmlinux 2> log &&
		assemble "$tests/objects/original-patch.s" patch.ko
	result $? "an original build" log
}

# What the compiler did to the functions that are patched.
test_original()
{
	local message

	build_original
	{
		echo "Function found to be looping pure: elsewhere/7"
		echo "Function found to be const: left_alone/3"
	} > gcc.dump

	cp other-module.ko other.ko
	set -- --symbols original.klp --original original/vmlinux --original other.ko \
		--gcc-dump gcc.dump
	"$convert" "$@" patch.ko patch.out 2> original.log
	result $? "warnings do not stop the conversion" original.log
	same "$tests/objects/original.warnings" original.log "warnings of what the compiler did"
	rm -f patch.out
	! "$convert" "$@" --Werror patch.ko patch.out 2> original.log && [ ! -e patch.out ]
	result $? "--Werror stops it" original.log
	! "$convert" "$@" --check patch.ko 2> original.log &&
		[ "$(grep -c warning original.log)" -eq 5 ]
	result $? "--check finds the same" original.log
	cp original/vmlinux original/vmlinux-6.12.0-1
	"$convert" --symbols original.klp --original original/vmlinux-6.12.0-1 --gcc-dump gcc.dump \
		patch.ko patch.out 2>&1 | sed 's/vmlinux-6.12.0-1/vmlinux/' > original.log
	same "$tests/objects/original.warnings" original.log "whatever vmlinux is called"

	message='original/vmlinux: klp-convert was built without libdw: '
	message+='what has been inlined is not known'
	make -s -C "$tests/.." OUT="$OUT/without-libdw" CFLAGS=-O0 HOSTPKG_CONFIG=false > log 2>&1 &&
		"$OUT/without-libdw/klp-convert" "$@" patch.ko patch.out 2> original.log &&
		grep -qF "warning: $message" original.log && ! grep -q inlined: original.log
	result $? "built without libdw it says so" original.log

	strip --strip-debug -o original/vmlinux original/vmlinux
	"$convert" "$@" patch.ko patch.out 2>&1 |
		grep -q "^klp-convert: warning: original/vmlinux: has no debugging information: "
	result $? "without debugging information it says so"
	sed "/not_there/d" "$tests/objects/original-patch.s" > known.s
	assemble known.s known.ko
	ld --build-id=0x5555555555555555 -e caller -o original/vmlinux original.o
	message='original/vmlinux: has the build id 5555555555555555, '
	message+='but vmlinux in the symbols has 4444444444444444'
	refused "an original of another build" "$message" \
		"$convert" --symbols original.klp --original original/vmlinux known.ko refused.out
	assemble "$tests/cases/weak.s" elsewhere.ko
	refused "that, also if vmlinux is not patched" "$message" \
		"$convert" --symbols original.klp --original original/vmlinux elsewhere.ko refused.out
	refused "a vmlinux that is not looked into" "$message" \
		"$convert" --symbols original.klp --vmlinux original/vmlinux elsewhere.ko refused.out
}

# test_warned NAME MACHINE: objects/NAME.s is converted, with the warnings in
# NAME.warnings, and does not pass the check.
test_warned()
{
	local name=$1 machine=$2

	assemble "$tests/objects/$name.s" "$name.ko" "$machine" &&
		"$convert" --symbols "$symbols" "$name.ko" "$name.out" 2> "$name.log"
	result $? "$name is converted, $machine" "$name.log"
	same "$tests/objects/$name.warnings" "$name.log" "$name: warnings, $machine"
	! "$convert" --symbols "$symbols" --check "$name.out" 2> "$name.log"
	result $? "$name does not pass the check, $machine"
	sed "s/$name.out/$name.ko/" "$name.log" > log
	same "$tests/objects/$name.warnings" log "$name: messages of the check, $machine"
}

# What GCC makes of functions when nobody helps it, and what it tells of them.
test_clones()
{
	local machine=$1

	rm -f clones.*
	cp "$tests/objects/clones.c" . &&
		tool "$machine" gcc -g -O2 -ffreestanding -fno-pie -fdump-tree-local-pure-const1 \
			-c -o clones.o clones.c && cp clones.*local-pure-const1 gcc.dump &&
		tool "$machine" ld --build-id=0x8888 -e call_both -o original/vmlinux clones.o &&
		"$convert" --make-symbols clones.klp original/vmlinux 2> log &&
		assemble "$tests/objects/clones-patch.s" patch.ko "$machine" &&
		"$convert" --symbols clones.klp --original original/vmlinux --gcc-dump gcc.dump \
			patch.ko patch.out 2> clones.log
	result $? "an original with clones, $machine" clones.log
	same "$tests/objects/clones.warnings" clones.log "warnings of clones, $machine"
}

# A module of the kernel's that is built outside, too, takes the other's place: what the
# compiler did to that does not matter.
test_built_twice()
{
	local message

	mkdir -p tree outside
	objcopy -R .note.gnu.build-id target.ko bare.ko > log 2>&1 &&
		ld -r --build-id=0x6666666666666666 -o tree/target.ko bare.ko &&
		ld -r --build-id=0x7777777777777777 -o outside/target.ko bare.ko &&
		"$convert" --make-symbols tree.klp vmlinux tree/target.ko other-module.ko &&
		"$convert" --make-symbols outside.klp outside/target.ko &&
		assemble "$tests/cases/patched-objects.s" patch.ko
	result $? "a module that is built twice" log
	"$convert" --symbols tree.klp --symbols outside.klp --original tree/target.ko \
		patch.ko patch.out 2> log && ! grep -q tree/target log
	result $? "the kernel's form of it is not looked at" log
	message='outside/target.ko: has the build id 7777777777777777, '
	message+='but target in the symbols has 6666666666666666'
	refused "a form of it without its symbols" "$message" "$convert" --symbols tree.klp \
		--original outside/target.ko patch.ko refused.out
}

# poke OFFSET BYTES: in.ko with some bytes replaced, as bad.ko
poke()
{
	cp in.ko bad.ko
	printf '%b' "$2" | dd of=bad.ko bs=1 seek="$1" conv=notrunc status=none
}

test_bad_files()
{
	assemble "$tests/cases/auto-vmlinux.s" in.ko
	refused "a file that is not there" "none.ko: No such file or directory" \
		"$convert" none.ko refused.out
	: > bad.ko
	refused "an empty file" "bad.ko: not an ELF file" "$convert" bad.ko refused.out
	poke 4 '\x01'
	refused "a 32-bit file" "bad.ko: not a 64-bit little-endian ELF file" \
		"$convert" bad.ko refused.out
	poke 5 '\x02'
	refused "a big-endian file" "bad.ko: not a 64-bit little-endian ELF file" \
		"$convert" bad.ko refused.out
	poke 16 '\x02'
	refused "a linked program" "bad.ko: not a relocatable file" \
		"$convert" bad.ko refused.out
	poke 18 '\xb7'
	refused "an architecture without livepatch relocations" \
		"bad.ko: no livepatch relocations are known for machine 183" \
		"$convert" bad.ko refused.out
	cp in.ko bad.ko
	strip bad.ko -o bad.ko
	strip -R .symtab --strip-all target.ko -o bad.ko
	refused "symbols of a stripped module" "bad.ko: has no symbol table" \
		"$convert" --make-symbols refused.out bad.ko
}

# section NAME FIELD: where in in.ko a field of its header is
section()
{
	local index start

	index=$(readelf -SW in.ko | sed -n "s/^ *\[ *\([0-9]*\)\] $1 .*/\1/p")
	start=$(readelf -h in.ko | sed -n 's/.*Start of section headers: *\([0-9]*\).*/\1/p')
	echo $((start + 64 * index + $2))
}

# contents NAME FIELD: where in in.ko a field of a section itself is
contents()
{
	local start

	start=$(readelf -SW in.ko |
		sed -n "s/^ *\[ *[0-9]*\] $1  *[A-Z]* *[0-9a-f]* \([0-9a-f]*\) .*/\1/p")
	echo $((0x$start + $2))
}

# symbol NAME FIELD: where in in.ko a field of it is
symbol()
{
	local index

	index=$(readelf -sW in.ko | awk -v name="$1" '$8 == name { print $1 + 0 }')
	contents .symtab $((24 * index + $2))
}

# bad WHAT ARGUMENT...: it is refused; "messages" has how
bad()
{
	rm -f refused.out
	"$convert" "${@:2}" 2> log
	[ $? -eq 1 ] && [ ! -e refused.out ] && [ -s log ]
	result $? "refuse $1" log
	sed "s/^/$1: /" log >> messages
}

# usage WHAT ARGUMENT...: the answer is how klp-convert is called
usage()
{
	"$convert" "${@:2}" > /dev/null 2> log
	[ $? -eq 2 ] && grep -q '^usage: klp-convert ' log
	result $? "usage: $1" log
}

test_usage()
{
	assemble "$tests/cases/auto-vmlinux.s" in.ko
	usage "nothing to do"
	usage "one file" in.ko
	usage "two things to do" --dump in.ko --check in.ko
	usage "a kernel, and no symbols that could be of its build" --check in.ko --vmlinux none
	"$convert" --symbols "$symbols" in.ko known.ko
	refused "to be silent about what cannot be written" \
		"standard output: No space left on device" \
		sh -c "'$convert' --dump known.ko > /dev/full"
	sed '/hidden_func$/d; s/"hidden_func", //' "$tests/cases/undefined-nowhere.s" > nowhere.s
	assemble nowhere.s in.ko
	refused "what nobody exports, without symbols" \
		"in.ko: nowhere: is exported by nobody, and there are no --symbols" \
		"$convert" in.ko refused.out
}

# Files in which one number is wrong, and other things that are refused.
test_malformed()
{
	local bad_ko=(--symbols "$symbols" bad.ko refused.out)

	: > messages
	assemble "$tests/cases/auto-vmlinux.s" in.ko
	poke 60 '\x01'
	bad "no sections" "${bad_ko[@]}"
	poke "$(section .text 48)" '\x03'
	bad "an alignment that is none" "${bad_ko[@]}"
	poke "$(section .symtab 40)" '\xf0'
	bad "a link to no section" "${bad_ko[@]}"
	poke "$(section .symtab 40)" '\0'
	bad "symbols without names" "${bad_ko[@]}"
	poke "$(section .symtab 4)" '\x01'
	bad "no symbols" "${bad_ko[@]}"
	poke "$(section .symtab 34)" '\xf0'
	bad "symbols past the end" "${bad_ko[@]}"
	poke "$(section .data 4)" '\x02'
	bad "two symbol tables" "${bad_ko[@]}"
	poke "$(section .data 4)" '\x12'
	bad "extended section numbers" "${bad_ko[@]}"
	poke "$(section .data 4)" '\x09'
	bad "relocations without addends" "${bad_ko[@]}"
	poke "$(section .rela.text 40)" '\x01'
	bad "relocations with other symbols" "${bad_ko[@]}"
	poke "$(section .modinfo 32)" '\x0b'
	bad "an entry without end" "${bad_ko[@]}"
	poke "$(section .modinfo 34)" '\xf0'
	bad "contents past the end" "${bad_ko[@]}"
	poke "$(symbol hidden_func 6)" '\xf0'
	bad "a symbol in no section" "${bad_ko[@]}"
	poke "$(contents .symtab 6)" '\x01'
	bad "a null symbol that is one" "${bad_ko[@]}"
	poke "$(contents .symtab 4)" '\x20'
	bad "a null symbol that is weak" "${bad_ko[@]}"
	poke "$(contents .strtab 1)" '\n'
	bad "a name of two lines" "${bad_ko[@]}"
	{
		echo '.include "klp.inc"'
		printf '.section .bss.%s, "aw", @nobits\nsome_%s: .skip 16\n' a a b b
	} > bss.s
	assemble bss.s in.ko
	poke "$(section .bss.b 32)" '\xf8\xff\xff\xff\xff\xff\xff\xff'
	bad "a section that is larger than memory" "${bad_ko[@]}"
	assemble "$tests/cases/auto-vmlinux.s" in.ko

	# Not converted, or by somebody else.
	cp in.ko bad.ko
	bad "a symbol that nobody exports" --symbols "$symbols" --check bad.ko
	printf '.include "klp.inc"\n.quad ".klp.sym.vmlinux.hidden_func,0"\n' > quoted.s
	assemble quoted.s in.ko
	poke "$(symbol .klp.sym.vmlinux.hidden_func,0 6)" '\x20\xff'
	bad "a livepatch symbol in ordinary relocations" --check bad.ko

	cp core.o bad+name.ko
	bad "a module with another name" --make-symbols refused.out bad+name.ko
	cp core.o vmlinux.o
	bad "vmlinux before it is linked" --make-symbols refused.out vmlinux.o
	printf 'klp-convert-symbol-data.3\n-\n* 11\n.\n' > bad.klp
	bad "an object without a name" --symbols bad.klp in.ko refused.out
	bad "no list of files" --make-symbols refused.out @none
	bad "no dump of GCC's" --gcc-dump none in.ko refused.out
	bad "no place for the output" --make-symbols none/refused.out target.ko
	same "$tests/objects/malformed.err" messages "what is said of malformed files"
}

# What the kernel refuses to load, --check finds before, and says why:
# objects/mutations.MACHINE has each case with its messages.
test_mutations()
{
	local machine=$1 known=$tests/objects/mutable.klp name module

	for module in mutable mutable-special; do
		assemble "$tests/objects/$module.s" in.ko "$machine" 2> log &&
			"$convert" --symbols "$known" in.ko "$module.ko" 2>> log &&
			"$convert" --symbols "$known" --check "$module.ko" 2>> log
		result $? "a good module for klp-mutate: $module, $machine" log
	done

	./klp-mutate --list mutable.ko > cases 2> log && [ -s cases ]
	result $? "klp-mutate lists its cases for $machine" log
	: > messages
	while read -r name _ _ module _; do
		case $name in
		# How many features of processors there are only the kernel knows,
		arch-alt-feature) continue ;;
		# how far apart sections come to be,
		call-far) continue ;;
		# and what a key that another module has begins with.
		arch-branch-bit*) continue ;;
		esac
		[ "$module" = test_klp_special ] && module=mutable-special || module=mutable
		./klp-mutate "$name" "$module.ko" bad.ko 2> log &&
			! "$convert" --symbols "$known" --check bad.ko 2> log && [ -s log ]
		result $? "check finds $name, $machine" log
		sed "s/^/$name: /" log >> messages
	done < cases
	same "$tests/objects/mutations.$machine" messages "what check finds, $machine"
}

# Whatever the input, the answer is a module, or one message and status 1.
sane()
{
	local status=$1

	case $status in
	0) ;;
	1) [ -s fuzz.log ] && ! grep -qv '^klp-convert: \|^KLP_' fuzz.log ;;
	*) false ;;
	esac
}

test_fuzz()
{
	local fuzz=$OUT/sanitized size at status machine

	echo "# mutations begin with SEED=$SEED"

	export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1
	make -s -C "$tests/.." OUT="$fuzz" \
		EXTRA_CFLAGS="-O1 -fsanitize=address,undefined" > log 2>&1 &&
		${HOSTCC:-gcc} -O2 -o mutate "$tests/mutate.c" >> log 2>&1
	result $? "build with sanitizers" log

	assemble "$tests/objects/fuzzed.s" in.ko
	size=$(stat -c %s in.ko)
	status=0
	for ((at = 0; at < size; at += 61)); do
		head -c $at in.ko > fuzz.ko
		"$fuzz/klp-convert" fuzz.ko fuzz.out 2> fuzz.log
		if ! sane $?; then
			status=1
			echo "cut off after $at bytes" >> fuzz.log
			cp fuzz.log log
			break
		fi
	done
	result $status "truncated at many places" log

	for machine in x86_64 ppc64le; do
		assemble "$tests/objects/fuzzed.s" in.ko "$machine" &&
			"$convert" --symbols "$symbols" in.ko good.ko 2> log
		result $? "something to damage, $machine" log
		fuzz_kind "a livepatch, $machine" in.ko "$((FUZZ / 6))" \
			--symbols "$symbols" fuzz.ko fuzz.out
		fuzz_kind "a converted livepatch, $machine" good.ko "$((FUZZ / 6))" \
			--symbols "$symbols" --check fuzz.ko
		fuzz_kind "what is shown, $machine" good.ko "$((FUZZ / 24))" \
			--dump fuzz.ko
	done
	fuzz_kind "a module of the build" target.ko "$((FUZZ / 12))" \
		--make-symbols fuzz.out fuzz.ko
	fuzz_kind "an original" original/vmlinux "$((FUZZ / 12))" \
		--symbols original.klp --original fuzz.ko patch.ko fuzz.out
	fuzz_kind "symbols" "$symbols" "$((FUZZ / 12))" \
		--symbols fuzz.ko in.ko fuzz.out
}

# fuzz_kind WHAT GOOD SECONDS ARGUMENT...: convert mutations of GOOD, as fuzz.ko
fuzz_kind()
{
	local what=$1 good=$2 end=$((SECONDS + $3 + 1)) round status=0
	shift 3

	for ((round = SEED; SECONDS < end; round++)); do
		./mutate $round "$good" fuzz.ko
		timeout 10 "$OUT/sanitized/klp-convert" "$@" > fuzz.shown 2> fuzz.log
		if ! sane $?; then
			status=1
			echo "mutation $round of $good" >> fuzz.log
			cp fuzz.log log
			break
		fi
	done
	result $status "$((round - SEED)) mutations of $what" log
}

finish()
{
	echo "1..$count"
	[ $failed -eq 0 ]
	exit
}

echo "TAP version 13"
make -s -C "$tests/.." OUT="$OUT" >&2 || {
	echo "Bail out! klp-convert does not build"
	exit 1
}
rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 1

build_objects
result $? "build the objects of the tests"
if [ "${1-}" = fuzz ]; then
	build_original
	test_fuzz
	finish
fi
test_symbols
test_init_symbols
test_many_modules
for source in "$tests"/cases/*.s; do
	test_case "$(basename "$source" .s)"
done
test_many_parts
test_repetition
test_debugged
test_llvm
test_declarations
test_original
for name in depends-unknown early-use homonyms not-there; do
	test_warned $name x86_64
	test_warned $name ppc64le
done
test_clones x86_64
test_clones ppc64le
test_built_twice
test_bad_symbols
test_other_build
test_bad_files
test_usage
test_malformed
${HOSTCC:-gcc} -D_GNU_SOURCE -O2 -o klp-mutate \
	"$tests/../../../testing/livepatch/elf/klp-mutate.c" > log 2>&1
result $? "klp-mutate builds" log
test_mutations x86_64
test_mutations ppc64le
test_fuzz
finish
