#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Malformed livepatch modules. tools/testing/livepatch/elf makes them from
# test_klp_reloc.ko, with the list of the cases beside them. Each is refused
# with its errno and a line in the log that names the module, and leaves nothing
# behind; after all of them the good module works.

. "$(dirname "$0")/klp.sh"

KLP_KMOD_ERROR[ENOEXEC]="Invalid module format"

TARGET=/sys/module/test_klp_reloc_target/parameters
SEED=1000

load_target() {
	load test_klp_reloc_base
	load test_klp_reloc_target seed="$SEED"
}

unload_target() {
	unload test_klp_reloc_target
	unload test_klp_reloc_base
}

# What follows is done ninety times, and in a debug kernel each new process is
# dear: the shell does what it can itself.

# state: all that loading a module and patching with it would change.
state() {
	printf '%s\n' "$KLP_SYSFS"/* "$(< /proc/modules)" "$(< "$KLP_TRACING/enabled_functions")"
}

# The kernel says why: other than that the module would taint it.
expect_named() {
	local log line

	log=$(dmesg)
	log=${log##*"$KLP_MARK"}
	while read -r line; do
		if [[ $line != *taint* && " $line " =~ [^a-z_]$1[^a-z_] ]]; then
			return
		fi
	done <<< "$log"
	fail "no line of the log names $1:$log"
}

# refused_now CASE ERRNO
refused_now() {
	local before

	before=$(state)
	log_mark
	load_refused "$2" "elf-$1"
	wait_until gone /sys/module/test_klp_reloc
	expect_named test_klp_reloc
	expect_equal "the system is as before" "$before" "$(state)"
}

# Whether the target is there does not matter; again_with_target tries that.
refused_load() {
	refused_now "$@"
}

# Nobody knows yet what it is called.
refused_early() {
	local before

	before=$(state)
	load_refused "$2" "elf-$1"
	expect_equal "the system is as before" "$before" "$(state)"
}

# Only when the target is there can it be seen.
refused_loaded() {
	load_target
	refused_now "$@"
	expect "$TARGET/call" original
}

# Then it is the target that cannot be loaded while this livepatch is enabled.
refused_coming() {
	local before patch=$KLP_SYSFS/test_klp_reloc

	load test_klp_reloc_base
	load "elf-$1"
	wait_until transition_done test_klp_reloc
	before=$(state)
	log_mark
	load_refused "$2" test_klp_reloc_target
	expect_named test_klp_reloc
	expect "$patch/enabled" 1
	expect "$patch/test_klp_reloc_target/patched" 0
	expect_equal "the system is as before" "$before" "$(state)"
	remove test_klp_reloc
	load test_klp_reloc_target
	expect "$TARGET/call" original
}

again_with_target() {
	local name errno when

	load_target
	while read -r name errno when; do
		if [ "$name" = info-init-late ] && keeps_init_sections; then
			continue
		fi
		if [ "$when" = load ]; then
			echo "$name:"
			refused_now "$name" "$errno"
		fi
	done < "$cases"
	expect "$TARGET/call" original
}

good_one_works() {
	load_target
	enable test_klp_reloc
	expect "$TARGET/call" $((SEED + 1))
	unload_target
	load_target
	expect "$TARGET/call" $((SEED + 1))
	remove test_klp_reloc
	expect "$TARGET/call" original
}

cases=$(module_file test_klp_reloc) || skip_all "$cases"
cases=${cases%.ko}.variants/cases
[ -e "$cases" ] || skip_all "there is no $cases"

# ppc64le keeps the init sections of modules: they can be relocated at any time.
keeps_init_sections() {
	[ "$(uname -m)" = ppc64le ]
}

arguments=()
while read -r name errno when; do
	if [ "$name" = info-init-late ] && keeps_init_sections; then
		continue
	fi
	eval "case_${name//-/_}() { refused_$when $name $errno; }"
	arguments+=("$name gives $errno" "case_${name//-/_}")
done < "$cases"

klp_run "${arguments[@]}" \
	"all are refused while the target is there" again_with_target \
	"the module they were made from works afterwards" good_one_works
