#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The samples livepatch-symbols and livepatch-late: a module that comes before
# them, after them, and again, while its static key and static call change.

. "$(dirname "$0")/klp.sh"

MOD=livepatch-late-mod
DIR=/sys/module/livepatch_late_mod/parameters
LATE=livepatch-late
SYMBOLS=livepatch-symbols

# Samples have a dash in the names of their files, but not in those of modules.
sample_unload() {
	unload "${1//-/_}"
}

sample_enable() {
	load "$@"
	wait_until transition_done "${1//-/_}"
}

sample_remove() {
	write 0 "$KLP_SYSFS/${1//-/_}/enabled"
	wait_until gone "$KLP_SYSFS/${1//-/_}"
	sample_unload "$1"
}

# expect_states PATCHED: with each state of the key, the call and the tracepoint;
# the answers of the livepatch have a unit
expect_states() {
	local unit=$1

	expect "$DIR/temperature" "21${unit:+ degrees Celsius}"
	write 1 "$DIR/precise"
	expect "$DIR/temperature" "21.5${unit:+ degrees Celsius}"
	write 1 "$DIR/fahrenheit"
	expect "$DIR/temperature" "70.7${unit:+ degrees Fahrenheit}"
	write 0 "$DIR/precise"
	expect "$DIR/temperature" "70${unit:+ degrees Fahrenheit}"
	expect "$DIR/watched" 0
	write 1 "$DIR/watch"
	expect "$DIR/temperature" "70${unit:+ degrees Fahrenheit}"
	expect "$DIR/watched" 215
	write 0 "$DIR/watch"
	write 0 "$DIR/fahrenheit"
}

expect_patched() {
	expect_states patched
}

expect_original() {
	expect_states ""
}

target_first() {
	load "$MOD"
	sample_enable "$LATE"
	expect_patched
	sample_remove "$LATE"
	expect "$DIR/temperature" 21
}

livepatch_first() {
	sample_enable "$LATE"
	load "$MOD"
	expect_patched
	sample_remove "$LATE"
	expect "$DIR/temperature" 21
}

changed_before() {
	load "$MOD" precise=1 fahrenheit=1
	sample_enable "$LATE"
	expect "$DIR/temperature" "70.7 degrees Fahrenheit"
}

changed_while_it_loads() {
	sample_enable "$LATE"
	load "$MOD" precise=1 fahrenheit=1
	expect "$DIR/temperature" "70.7 degrees Fahrenheit"
}

again_and_again() {
	local i

	sample_enable "$LATE"
	for ((i = 0; i < 5; i++)); do
		load "$MOD" precise=$((i % 2)) fahrenheit=0
		if ((i % 2)); then
			expect "$DIR/temperature" "21.5 degrees Celsius"
		else
			expect_patched
		fi
		sample_unload "$MOD"
	done
}

disabled_while_away() {
	load "$MOD"
	sample_enable "$LATE"
	sample_unload "$MOD"
	sample_remove "$LATE"
	load "$MOD"
	expect_original
}

# expect_symbols PREFIX: of what both functions say; the module is there.
expect_symbols() {
	expect_equal "/proc/cmdline" "$1$CMDLINE" "$(< /proc/cmdline)"
	expect "$DIR/unit" "$1degrees Celsius"
}

expect_symbols_again() {
	expect_symbols ""
	sample_enable "$SYMBOLS"
	expect_symbols "patched: "
}

symbols_disabled_while_away() {
	load "$MOD"
	sample_enable "$SYMBOLS"
	expect_symbols "patched: "
	sample_unload "$MOD"
	sample_remove "$SYMBOLS"
	load "$MOD"
	expect_symbols_again
}

symbols_replaced_while_there() {
	load "$MOD"
	sample_enable "$SYMBOLS"
	replaced "$SYMBOLS"
	expect_symbols_again
}

symbols_replaced_while_away() {
	load "$MOD"
	sample_enable "$SYMBOLS"
	sample_unload "$MOD"
	replaced "$SYMBOLS"
	load "$MOD"
	expect_symbols_again
}

symbols_in_any_order() {
	sample_enable "$SYMBOLS"
	expect_equal "/proc/cmdline" "patched: $CMDLINE" "$(< /proc/cmdline)"
	load "$MOD"
	expect "$DIR/unit" "patched: degrees Celsius"
	write 1 "$DIR/fahrenheit"
	expect "$DIR/unit" "patched: degrees Fahrenheit"
	sample_unload "$MOD"
	load "$MOD"
	expect "$DIR/unit" "patched: degrees Celsius"
	sample_remove "$SYMBOLS"
	expect "$DIR/unit" "degrees Celsius"
	expect_equal "/proc/cmdline" "$CMDLINE" "$(< /proc/cmdline)"
	sample_enable "$SYMBOLS"
	expect "$DIR/unit" "patched: degrees Celsius"
}

both() {
	sample_enable "$SYMBOLS"
	load "$MOD"
	sample_enable "$LATE"
	expect_patched
	expect "$DIR/unit" "patched: degrees Celsius"
}

# replaced SAMPLE: by a livepatch that has nothing to do with it, so that the original
# is back.
replaced() {
	enable test_klp_patch_a funcs=test_klp_target:klp_target_value replace=1
	wait_until gone "$KLP_SYSFS/${1//-/_}"
	sample_unload "$1"
}

replaced_while_there() {
	load "$MOD"
	sample_enable "$LATE"
	replaced "$LATE"
	expect "$DIR/temperature" 21
	sample_enable "$LATE"
	expect_patched
}

replaced_while_away() {
	load "$MOD"
	sample_enable "$LATE"
	sample_unload "$MOD"
	replaced "$LATE"
	load "$MOD" precise=1
	expect "$DIR/temperature" 21.5
	sample_enable "$LATE"
	expect "$DIR/temperature" "21.5 degrees Celsius"
}

CMDLINE=$(< /proc/cmdline)

klp_run \
	"symbols of the kernel and of a module, in any order" symbols_in_any_order \
	"the same, disabled while the module is away" symbols_disabled_while_away \
	"the same, replaced while the module is there" symbols_replaced_while_there \
	"the same, replaced while the module is away" symbols_replaced_while_away \
	"the module is there first" target_first \
	"the livepatch is there first" livepatch_first \
	"changed before the livepatch came" changed_before \
	"changed while the module is being loaded" changed_while_it_loads \
	"the module comes again and again" again_and_again \
	"disabled while the module is away" disabled_while_away \
	"replaced while the module is there" replaced_while_there \
	"replaced while the module is away" replaced_while_away \
	"both livepatches" both
