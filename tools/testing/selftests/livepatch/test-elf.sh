#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Malformed livepatch modules. tools/testing/livepatch/elf makes them from
# test_klp_reloc.ko and test_klp_special.ko, with the list of the cases beside them,
# which says for each from which of the two, and what the kernel says. Each is refused
# with its errno and a line in the log that names the module and the reason, and leaves
# nothing behind; after all of them the good module works.

. "$(dirname "$0")/klp.sh"


# load_target GOOD: what the livepatch GOOD patches.
load_target() {
	load "$1_base"
	load "$1_target"
}

unload_target() {
	unload "$1_target"
	unload "$1_base"
}

expect_call() {
	expect "/sys/module/$1_target/parameters/call" "$2"
}

# expect_reason MODULE REASON: the kernel says why.
expect_reason() {
	local line

	read_log
	for line in "${LOG[@]}"; do
		if [[ " $line " =~ [^a-z_]$1[^a-z_] && $line = *"$2"* ]]; then
			return
		fi
	done
	fail "no line of the log says of $1: $2"$'\n'"$(log_since_mark)"
}

# refused_now CASE ERRNO GOOD REASON [BEFORE]: the system is as in that snapshot.
refused_now() {
	local before=${5-}

	if [ -z "$before" ]; then
		snapshot
		before=$SNAPSHOT
	fi
	log_mark
	load_refused "$2" "elf-$1"
	wait_until gone "/sys/module/$3"
	expect_reason "$3" "$4"
	expect_unchanged afterwards "$before"
}

# Whether the target is there does not matter; again_with_target tries that.
refused_load() {
	refused_now "$@"
}

# Nobody knows yet what it is called.
refused_early() {
	local before

	snapshot
	before=$SNAPSHOT
	load_refused "$2" "elf-$1"
	expect_unchanged afterwards "$before"
}

# Only when the target is there can it be seen.
refused_loaded() {
	load_target "$3"
	refused_now "$@"
	expect_call "$3" original
}

# Then it is the target that cannot be loaded while this livepatch is enabled.
refused_coming() {
	local before patch=$KLP_SYSFS/$3

	load "$3_base"
	load "elf-$1"
	wait_until transition_done "$3"
	snapshot
	before=$SNAPSHOT
	log_mark
	load_refused "$2" "$3_target"
	expect_reason "$3" "$4"
	expect "$patch/enabled" 1
	expect "$patch/$3_target/patched" 0
	expect_unchanged afterwards "$before"
	remove "$3"
	load "$3_target"
	expect_call "$3" original
}

again_with_target() {
	local name errno when good reason before

	[ "$(uname -m)" != ppc64le ] || ! has_symbol __asan_load8 ||
		skip "under KASAN that takes ten times as long as on x86_64, of the same code"
	load_target test_klp_reloc
	load_target test_klp_special
	snapshot
	before=$SNAPSHOT
	while read -r name errno when good reason; do
		if [ "$name" = info-init-late ] && keeps_init_sections; then
			continue
		fi
		if [ "$when" = load ]; then
			echo "$name:"
			refused_now "$name" "$errno" "$good" "$reason" "$before"
		fi
	done < "$cases"
	expect_call test_klp_reloc original
	expect_call test_klp_special original
}

# good_one_works GOOD ANSWER
good_one_works() {
	load_target "$1"
	enable "$1"
	expect_call "$1" "$2"
	unload_target "$1"
	load_target "$1"
	expect_call "$1" "$2"
	remove "$1"
	expect_call "$1" original
}

cases=$(module_file test_klp_reloc) || skip_all "$cases"
cases=${cases%.ko}.variants/cases
[ -e "$cases" ] || skip_all "there is no $cases"

# ppc64le keeps the init sections of modules: they can be relocated at any time.
keeps_init_sections() {
	[ "$(uname -m)" = ppc64le ]
}

arguments=()
while read -r name errno when good reason; do
	if [ "$name" = info-init-late ] && keeps_init_sections; then
		continue
	fi
	printf -v command '%q ' "refused_$when" "$name" "$errno" "$good" "$reason"
	eval "case_${name//-/_}() { $command; }"
	arguments+=("$name gives $errno" "case_${name//-/_}")
done < "$cases"

klp_run "${arguments[@]}" \
	"all are refused while the target is there" again_with_target \
	"a module they were made from works afterwards" "good_one_works test_klp_reloc 1" \
	"the other module works afterwards" "good_one_works test_klp_special 1"
