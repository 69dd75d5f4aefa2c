#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Livepatches that refer to symbols which are not exported, while the module
# that has these symbols comes and goes. Each time it is loaded with another
# seed, which the patched function's answers contain: an address that is left
# from before gives a wrong one.

. "$(dirname "$0")/klp.sh"

TARGET=/sys/module/test_klp_reloc_target/parameters

# What is added to the seed for each way of reaching a symbol of the target.
declare -A WAYS=(
	[call]=1 [load]=2 [data]=3 [rodata]=4 [ro_after_init]=5
	[twin1]=6 [twin2]=7 [exported]=8 [rel32]=10 [rel64]=11
)
[ "$(uname -m)" != ppc64le ] || WAYS+=([toc]=12 [toc_ds]=13)
BASE_WAY=9

# Added to everything by the livepatch test_klp_reloc_b.
B=10000

# What callbacks of test_klp_reloc have read.
SEEN=/sys/module/test_klp_reloc/parameters/seen

# load_target SEED: the target, and what it depends on.
load_target() {
	load test_klp_reloc_base seed=$(($1 + 500))
	load test_klp_reloc_target seed="$1"
}

unload_target() {
	unload test_klp_reloc_target
	unload test_klp_reloc_base
}

# expect_answers SEED [ADDED]: the target is patched, all answers are right.
expect_answers() {
	local way

	for way in "${!WAYS[@]}"; do
		expect "$TARGET/$way" $(($1 + WAYS[$way] + ${2:-0}))
	done
	expect "$TARGET/base" $(($1 + 500 + BASE_WAY + ${2:-0}))
}

expect_original() {
	local way

	for way in "${!WAYS[@]}" base; do
		expect "$TARGET/$way" original
	done
}

# expect_cleared: nothing of the livepatch points to where the target was.
expect_cleared() {
	expect /sys/module/test_klp_reloc/parameters/cleared Y
}

# What /proc/cmdline shows when a livepatch has got at the symbols of vmlinux.
patched_cmdline() {
	local way

	cat /proc/version
	for way in load data rodata ro_after_init; do
		echo "$way: $CMDLINE"
	done
}

expect_cmdline_patched() {
	expect_equal "/proc/cmdline is patched" "$(patched_cmdline)" "$(< /proc/cmdline)"
}

expect_cmdline_original() {
	expect_equal "/proc/cmdline is as before" "$CMDLINE" "$(< /proc/cmdline)"
}

vmlinux_alone() {
	enable test_klp_reloc
	expect_cmdline_patched
	remove test_klp_reloc
	expect_cmdline_original
}

target_first() {
	load_target 1000
	expect_original
	enable test_klp_reloc
	expect_answers 1000
	expect_cmdline_patched
	remove test_klp_reloc
	expect_original
	expect_cmdline_original
}

livepatch_first() {
	enable test_klp_reloc
	load_target 2000
	expect_answers 2000
	remove test_klp_reloc
	expect_original
}

reloaded() {
	local i

	enable test_klp_reloc
	expect_cleared
	for ((i = 1; i <= 10 * KLP_STRESS; i++)); do
		load_target $((i * 1000))
		expect_answers $((i * 1000))
		expect /sys/module/test_klp_reloc/parameters/cleared N
		unload_target
		expect_cleared
		expect_cmdline_patched
	done
}

# What the livepatch has made of its data does not matter when the target goes or comes.
changed_data() {
	enable test_klp_reloc
	load_target 1000
	write 1 /sys/module/test_klp_reloc/parameters/changed
	expect "$TARGET/data" "${WAYS[data]}"
	unload_target
	expect_cleared
	write 1 /sys/module/test_klp_reloc/parameters/changed
	load_target 2000
	expect_answers 2000
}

# trace_pokes: until the case ends, the trace has what text_poke() writes to.
trace_pokes() {
	defer write "" "$KLP_TRACING/kprobe_events"
	write "p:klp/poke text_poke to=\$arg1:x64" "$KLP_TRACING/kprobe_events"
	defer write 0 "$KLP_TRACING/events/klp/poke/enable"
	write 1 "$KLP_TRACING/events/klp/poke/enable"
}

# pokes_to MODULE SECTION: how many of them went there, up to the section behind it.
pokes_to() {
	local begin end=$((-1)) address to count=0 sections=/sys/module/$1/sections

	begin=$(value "$sections/$2")
	for address in "$sections"/.*[a-z]*; do
		slurp "$address" || continue
		# Addresses are negative numbers, all of them.
		[ $((TEXT)) -le $((begin)) ] || [ $((TEXT)) -ge "$end" ] || end=$((TEXT))
	done
	while read -r to; do
		[ $((to)) -lt $((begin)) ] || [ $((to)) -ge "$end" ] || count=$((count + 1))
	done < <(sed -n 's/.* poke: .* to=//p' "$KLP_TRACING/trace")
	echo "$count"
}

# text_poke() BUGs if somebody else writes beside that in the meantime.
data_is_no_text() {
	has_symbol text_poke || skip "data and code are written alike on this architecture"
	enable test_klp_reloc
	trace_pokes
	load_target 1000
	expect_answers 1000
	unload_target
	[ "$(pokes_to test_klp_reloc .text)" != 0 ] || fail "nobody has poked code"
	expect_equal "pokes to data" 0 "$(pokes_to test_klp_reloc .data)"
}

far_away() {
	enable test_klp_reloc
	load_target 1000
	expect_answers 1000
	unload_target
	load test_klp_reloc_base seed=2500
	load_far test_klp_reloc_target seed=2000
	expect_answers 2000
	unload_target
	expect_cleared
	unload test_klp_far
	load_target 3000
	expect_answers 3000
}

# The module that the target depends on stays: only some symbols have moved.
target_alone_reloaded() {
	local i way

	load_target 1000
	enable test_klp_reloc
	for ((i = 2; i <= 5; i++)); do
		unload test_klp_reloc_target
		load test_klp_reloc_target seed=$((i * 1000))
		for way in "${!WAYS[@]}"; do
			expect "$TARGET/$way" $((i * 1000 + WAYS[$way]))
		done
		expect "$TARGET/base" $((1500 + BASE_WAY))
	done
}

disabled_while_absent() {
	load_target 1000
	enable test_klp_reloc
	unload_target
	remove test_klp_reloc
	expect_cmdline_original
	load_target 2000
	expect_original
}

never_there() {
	enable test_klp_reloc
	remove test_klp_reloc
	load_target 1000
	expect_original
	enable test_klp_reloc
	expect_answers 1000
}

loaded_again() {
	local i

	load_target 1000
	for ((i = 0; i < 5 * KLP_STRESS; i++)); do
		enable test_klp_reloc
		expect_answers 1000
		remove test_klp_reloc
	done
	expect_original
}

stacked() {
	local i

	enable test_klp_reloc
	load test_klp_reloc_b replace=0
	wait_until transition_done test_klp_reloc_b
	for ((i = 1; i <= 3; i++)); do
		load_target $((i * 1000))
		expect_answers $((i * 1000)) "$B"
		unload_target
	done
	load_target 5000
	remove test_klp_reloc_b
	expect_answers 5000
}

replaced() {
	load_target 1000
	enable test_klp_reloc
	enable test_klp_reloc_b replace=1
	wait_until gone "$KLP_SYSFS/test_klp_reloc"
	expect_answers 1000 "$B"
	unload test_klp_reloc
	unload_target
	load_target 2000
	expect_answers 2000 "$B"
	expect_cmdline_patched
}

replaced_while_absent() {
	enable test_klp_reloc
	load_target 1000
	unload_target
	enable test_klp_reloc_b replace=1
	wait_until gone "$KLP_SYSFS/test_klp_reloc"
	unload test_klp_reloc
	load_target 2000
	expect_answers 2000 "$B"
	remove test_klp_reloc_b
	expect_original
}

# What the target needs is missing: it is refused, and welcome later.
base_missing() {
	enable test_klp_reloc
	load_refused ENOENT test_klp_reloc_target seed=1000
	expect "$KLP_SYSFS/test_klp_reloc/test_klp_reloc_target/patched" 0
	load_target 2000
	expect_answers 2000
}

# expect_seen PRE_PATCH POST_PATCH PRE_UNPATCH POST_UNPATCH: by callbacks since it was last
# asked. "-" is of one that was not called; a module that is coming has no seed yet, but 0.
expect_seen() {
	local IFS=,

	expect "$SEEN" "${*/#-/-1}"
	write -1,-1,-1,-1 "$SEEN"
}

callbacks() {
	load_target 1000
	enable test_klp_reloc callbacks=1
	expect_seen 1000 1000 - -
	unload_target
	expect_seen - - 1000 1000
	load_target 2000
	expect_seen 0 0 - -
	disable test_klp_reloc
	expect_seen - - 2000 2000
}

# A reader whose stack cannot be read holds up any transition.
callbacks_in_transition() {
	has_symbol orc_module_init || has_symbol unwind_module_init ||
		skip "not the ORC unwinder"
	load test_klp_park
	park_reader unreliable
	load test_klp_reloc callbacks=1
	load_target 1000
	expect_seen 0 - - -
	unload_target
	expect_seen - - - 1000
	load_target 2000
	expect_seen 0 - - -
	expect "$KLP_SYSFS/test_klp_reloc/transition" 1
	release
	wait_until transition_done test_klp_reloc
	expect_seen - 2000 - -

	write 1 "$KLP_PARK/hold"
	park_reader unreliable
	write 0 "$KLP_SYSFS/test_klp_reloc/enabled"
	expect_seen - - 2000 -
	unload_target
	expect_seen - - - 2000
	load_target 3000
	expect_seen 0 - - -
	expect "$KLP_SYSFS/test_klp_reloc/transition" 1
	release
	wait_until gone "$KLP_SYSFS/test_klp_reloc"
	expect_seen - - - 3000
}

CMDLINE=$(< /proc/cmdline)

klp_run \
	"symbols of vmlinux, from code and data" vmlinux_alone \
	"the target is there first" target_first \
	"the livepatch is there first" livepatch_first \
	"the target is reloaded ten times" reloaded \
	"the livepatch has changed its data" changed_data \
	"data is not written like code" data_is_no_text \
	"the target comes back far away" far_away \
	"the target is reloaded, what it depends on stays" target_alone_reloaded \
	"disabled while the target is away" disabled_while_absent \
	"disabled before the target ever came" never_there \
	"the livepatch is reloaded while the target stays" loaded_again \
	"two livepatches on one function" stacked \
	"replaced while the target is there" replaced \
	"replaced while the target is away" replaced_while_absent \
	"a target that cannot be loaded yet" base_missing \
	"callbacks reach symbols of the target, whoever comes or goes" callbacks \
	"callbacks reach symbols of a target that comes or goes in a transition" \
		callbacks_in_transition
