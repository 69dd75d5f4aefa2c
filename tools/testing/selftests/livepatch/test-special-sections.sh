#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Livepatches whose code is changed according to what a module has: static keys,
# static calls, tracepoints, alternatives. That module comes and goes, and what it
# has changes while it is there, or while it is away. Each answer of the patched
# function tells where its code has led.

. "$(dirname "$0")/klp.sh"

TARGET=/sys/module/test_klp_special_target/parameters
BASE=/sys/module/test_klp_special_base/parameters

# Added to everything by the livepatch test_klp_special_b.
B=10

# Alternatives and a call, and what does not wait: 1 is right.
case $(uname -m) in
x86_64)
	ALTERNATIVES=(alt_taken alt_kept alt_own call_site)
	EARLY=(indirect lock fault bug unwind return seal own_trace)
	;;
*)
	ALTERNATIVES=(alt_taken alt_kept alt_mmu alt_firmware)
	EARLY=(indirect lock fault bug unwind barrier own_trace)
	;;
esac

# Where what changes can be read.
CHANGING=(key_false key_true key_base call call_tail call_base trace)

# load_target [PARAMETER=VALUE...]: and what it depends on, which may be there.
load_target() {
	loaded test_klp_special_base || load test_klp_special_base
	load test_klp_special_target "$@"
}

unload_target() {
	unload test_klp_special_target
}

# expect_way WAY ANSWER [ADDED]
expect_way() {
	expect "$TARGET/$1" $(($2 + ${3:-0}))
}

# expect_state FALSE TRUE BASE CALL PROBES [ADDED]: the target is patched, and its
# code is as these say.
expect_state() {
	local way

	expect_way key_false "$1" "${6:-0}"
	expect_way key_true "$2" "${6:-0}"
	expect_way key_base "$3" "${6:-0}"
	expect_way call "$4" "${6:-0}"
	expect_way call_tail "$4" "${6:-0}"
	expect_way trace "$5" "${6:-0}"
	for way in "${ALTERNATIVES[@]}" "${EARLY[@]}"; do
		expect_way "$way" 1 "${6:-0}"
	done
}

# What the target is compiled with.
expect_first_state() {
	expect_state 0 1 0 1 0 "$@"
}

expect_original() {
	local way

	for way in "${CHANGING[@]}" "${ALTERNATIVES[@]}" "${EARLY[@]}"; do
		expect "$TARGET/$way" original
	done
}

# set_state FALSE TRUE BASE CALL PROBES
set_state() {
	write "$1" "$TARGET/set_false"
	write "$2" "$TARGET/set_true"
	write "$3" "$BASE/key"
	write "$4" "$TARGET/set_call"
	write "$5" "$TARGET/set_probes"
}

# go_through_states [ADDED]: with code that follows.
go_through_states() {
	set_state 1 0 1 2 1
	expect_state 1 0 1 2 1 "$@"
	set_state 0 0 1 0 2
	expect_state 0 0 1 0 2 "$@"
	set_state 1 1 0 1 0
	expect_state 1 1 0 1 0 "$@"
	set_state 0 1 0 1 0
	expect_first_state "$@"
}

# Nobody is there to follow, and nothing that is not there is written to.
go_through_states_alone() {
	set_state 1 0 1 2 2
	set_state 0 1 0 0 1
	set_state 0 1 0 1 0
	expect_original
}

expect_cmdline() {
	expect /proc/cmdline "the target's key is $1"
}

static_keys() {
	load_target
	enable test_klp_special
	expect_way key_false 0
	write 1 "$TARGET/set_false"
	expect_way key_false 1
	expect_way key_true 1
	write 0 "$TARGET/set_true"
	expect_way key_true 0
	expect_way key_base 0
	write 1 "$BASE/key"
	expect_way key_base 1
}

static_calls() {
	local way

	load_target
	enable test_klp_special
	for way in call call_tail; do
		write 1 "$TARGET/set_call"
		expect_way "$way" 1
		write 2 "$TARGET/set_call"
		expect_way "$way" 2
		write 0 "$TARGET/set_call"
		expect_way "$way" 0
	done
	for way in 2 0 1; do
		write "$way" "$BASE/call"
		expect_way call_base "$way"
	done
}

# With one probe its address is in the code, with two that of a function for all.
tracepoints() {
	local nr

	load_target
	enable test_klp_special
	for nr in 0 1 2 1 0; do
		write "$nr" "$TARGET/set_probes"
		expect_way trace "$nr"
	done
}

# one_way WAY: which the architecture may not have.
one_way() {
	load_target
	[ -e "$TARGET/$1" ] || skip "this architecture has no such section"
	enable test_klp_special
	expect_way "$1" 1
	unload_target
	load_target
	expect_way "$1" 1
}

# Whether there is to be one can be changed while the system runs; for code of vmlinux,
# that is, and for modules that come later. The target has no part in it.
nospec() {
	local wanted=$KLP_DEBUGFS/powerpc/barrier_nospec on

	[ -e "$wanted" ] || skip "this architecture has no such section"
	defer write "$(value "$wanted")" "$wanted"
	for on in 1 0; do
		write "$on" "$wanted"
		load_target
		enable test_klp_special
		expect_way nospec "$on"
		unload_target
		load_target
		expect_way nospec "$on"
		unload_target
		remove test_klp_special
		enable test_klp_special
		load_target
		expect_way nospec "$on"
		unload_target
		remove test_klp_special
	done
}

target_first() {
	load_target
	expect_original
	enable test_klp_special
	expect_first_state
	go_through_states
	remove test_klp_special
	go_through_states_alone
}

# The code follows what had changed before the livepatch came.
changed_before() {
	load_target set_false=1 set_true=0 set_call=2 set_probes=2
	write 1 "$BASE/key"
	enable test_klp_special
	expect_state 1 0 1 2 2
	remove test_klp_special
	go_through_states_alone
}

livepatch_first() {
	enable test_klp_special
	load_target
	expect_first_state
	go_through_states
	unload_target
	remove test_klp_special
}

# Each time it comes back its keys and calls are in another state, and go in another.
reloaded() {
	local i

	enable test_klp_special
	for ((i = 0; i < 4 * KLP_STRESS; i++)); do
		load_target set_false=1 set_call=2
		expect_state 1 1 0 2 0
		set_state 1 0 0 0 1
		unload_target
		load_target set_true=0 set_probes=2
		expect_state 0 0 0 1 2
		unload_target
		load_target
		expect_first_state
		unload_target
	done
	load_target
	go_through_states
}

# This key and this call are there all the time, and the code that uses them is not.
changed_while_away() {
	load_target
	enable test_klp_special
	expect_way key_base 0
	expect_way call_base 1
	unload_target
	write 1 "$BASE/key"
	write 2 "$BASE/call"
	load_target
	expect_way key_base 1
	expect_way call_base 2
	unload_target
	write 0 "$BASE/key"
	write 0 "$BASE/call"
	load_target
	expect_way key_base 0
	expect_way call_base 0
	unload_target
	unload test_klp_special_base
	load test_klp_special_base call=2
	load_target
	expect_way call_base 2
	write 1 "$BASE/call"
	expect_way call_base 1
}

disabled_while_away() {
	load_target set_false=1 set_call=2
	enable test_klp_special
	expect_state 1 1 0 2 0
	unload_target
	remove test_klp_special
	write 1 "$BASE/key"
	load_target
	go_through_states_alone
}

# A patch that is disabled does not hear of the target that goes.
disabled_then_target_goes() {
	load_target
	enable test_klp_special
	set_state 1 0 1 2 1
	disable test_klp_special
	go_through_states_alone
	unload_target
	write 1 "$BASE/key"
	write 0 "$BASE/key"
	load_target
	go_through_states_alone
	unload test_klp_special
	go_through_states_alone
}

loaded_again() {
	local i

	load_target
	for ((i = 0; i < 3 * KLP_STRESS; i++)); do
		set_state 0 1 0 1 0
		enable test_klp_special
		expect_first_state
		set_state 1 0 1 2 2
		expect_state 1 0 1 2 2
		remove test_klp_special
	done
	go_through_states_alone
}

# Both livepatches have code that follows; the newer one is called.
stacked() {
	enable test_klp_special
	load test_klp_special_b
	wait_until transition_done test_klp_special_b
	load_target
	expect_first_state "$B"
	go_through_states "$B"
	unload_target
	load_target set_false=1
	remove test_klp_special_b
	expect_state 1 1 0 1 0
	go_through_states
}

replaced() {
	load_target
	enable test_klp_special
	set_state 1 0 1 2 1
	enable test_klp_special_b replace=1
	wait_until gone "$KLP_SYSFS/test_klp_special"
	expect_state 1 0 1 2 1 "$B"
	unload test_klp_special
	go_through_states "$B"
	unload_target
	load_target set_call=2
	expect_state 0 1 0 2 0 "$B"
}

replaced_while_away() {
	enable test_klp_special
	load_target
	unload_target
	write 1 "$BASE/key"
	enable test_klp_special_b replace=1
	wait_until gone "$KLP_SYSFS/test_klp_special"
	unload test_klp_special
	load_target set_call=2
	expect_state 0 1 1 2 0 "$B"
	remove test_klp_special_b
	go_through_states_alone
}

# Code that runs whether the target is there or not sees its key as it was compiled.
function_of_vmlinux() {
	enable test_klp_special
	expect_cmdline off
	load_target set_false=1
	expect_cmdline on
	write 0 "$TARGET/set_false"
	expect_cmdline off
	write 1 "$TARGET/set_false"
	unload_target
	expect_cmdline off
	load_target
	expect_cmdline off
}

read_cmdline_forever() {
	trap - ERR EXIT
	while :; do
		slurp /proc/cmdline
		[[ $TEXT = "the target's key is "@(on|off) ]] || exit 1
	done
}

# Readers are in the code that changes.
storm() {
	local i reader readers=()

	enable test_klp_special
	for ((i = 0; i < 2; i++)); do
		read_cmdline_forever &
		readers+=($!)
	done
	for ((i = 0; i < 5 * KLP_STRESS; i++)); do
		load_target set_false=$((i % 2))
		expect_way key_false $((i % 2))
		write $(((i + 1) % 2)) "$TARGET/set_false"
		write 1 "$BASE/key"
		write 0 "$BASE/key"
		expect_way key_false $(((i + 1) % 2))
		unload_target
	done
	for reader in "${readers[@]}"; do
		kill -0 "$reader" || fail "a reader has read something else"
	done
}

# A target whose init does not get that far takes everything back.
target_fails() {
	load test_klp_special_base
	enable test_klp_special
	load_refused EINVAL test_klp_special_target set_false=1 set_call=7
	write 1 "$BASE/key"
	load_target
	expect_state 0 1 1 1 0
}

# What cannot be written to cannot be told of one more user.
sealed_key() {
	load_target
	log_mark
	load_refused ENOEXEC test_klp_special_sealed
	expect_log test_klp_special_sealed __jump_table test_klp_special_target "read-only"
	expect_original
	unload_target

	enable test_klp_special_sealed
	log_mark
	load_refused ENOEXEC test_klp_special_target
	expect_log test_klp_special_sealed __jump_table test_klp_special_target "read-only"
	remove test_klp_special_sealed
	load_target
	expect_original
}

# To open the list for writing empties it.
remove_probe() {
	write 0 "$KLP_TRACING/events/klp_special/enable"
	: > "$KLP_TRACING/kprobe_events"
}

# add_probe OFFSET: in a function of the livepatch, where an instruction begins.
add_probe() {
	echo "p:klp_special/probe test_klp_special:take_alt_taken+$1" \
		2> /dev/null > "$KLP_TRACING/kprobe_events" || return
	if ! echo 1 2> /dev/null > "$KLP_TRACING/events/klp_special/enable"; then
		: > "$KLP_TRACING/kprobe_events"
		return 1
	fi
}

# Somewhere in the first bytes is the code that has an alternative.
probed() {
	local error file offset refused=0

	[ -e "$KLP_TRACING/kprobe_events" ] || skip "this kernel has no kprobe events"
	file=$(module_file test_klp_special_target)
	load test_klp_special_base
	enable test_klp_special
	for ((offset = 4; offset < 64; offset++)); do
		add_probe "$offset" || continue
		log_mark
		if error=$(kmod load "$file" 2>&1); then
			expect_way alt_taken 1
			unload_target
		elif [[ $error = *"${KLP_ERROR[EBUSY]}"* ]]; then
			expect_log test_klp_special test_klp_special_target \
				"a kprobe is in the way"
			refused=1
		else
			# A probed call is refused before that where calls are looked at.
			[ "$(uname -m)" = ppc64le ] || fail "the target was refused with: $error"
			expect_log "test_klp_special: cannot apply" test_klp_special_target
			refused=1
		fi
		remove_probe
	done
	[ "$refused" = 1 ] || fail "no probe was in the way"
	load_target
	expect_first_state
}

klp_run \
	"__jump_table: static keys of modules" static_keys \
	".static_call_sites: static calls of a module" static_calls \
	"__jump_table, .static_call_sites: a tracepoint of a module" tracepoints \
	".altinstructions, __ftr_fixup: the alternative is taken" "one_way alt_taken" \
	".altinstructions, __ftr_fixup: the alternative is not taken" "one_way alt_kept" \
	".call_sites: a call" "one_way call_site" \
	".call_sites: an alternative that calls an own function" "one_way alt_own" \
	".retpoline_sites: an indirect call" "one_way indirect" \
	".return_sites: a return" "one_way return" \
	".ibt_endbr_seal: a function that nobody has the address of" "one_way seal" \
	".smp_locks: a locked instruction" "one_way lock" \
	"__lwsync_fixup: a barrier" "one_way barrier" \
	"__barrier_nospec_fixup: a barrier against speculation" nospec \
	"__tracepoints_ptrs: a tracepoint of the livepatch" "one_way own_trace" \
	"__ex_table: an instruction that faults" "one_way fault" \
	"__bug_table: a warning that does not come" "one_way bug" \
	".orc_unwind: who called" "one_way unwind" \
	"the target is there first" target_first \
	"what the target has was changed before" changed_before \
	"the livepatch is there first" livepatch_first \
	"the target is reloaded, in another state each time" reloaded \
	"a key and a call are changed while the target is away" changed_while_away \
	"disabled while the target is away" disabled_while_away \
	"disabled, then the target goes" disabled_then_target_goes \
	"the livepatch is reloaded while the target stays" loaded_again \
	"two livepatches on one function" stacked \
	"replaced while the target is there" replaced \
	"replaced while the target is away" replaced_while_away \
	"a function of vmlinux uses a key of the target" function_of_vmlinux \
	"the target comes and goes while others run the code" storm \
	"a target that fails to load" target_fails \
	"__jump_table: a key that is read-only" sealed_key \
	"a kprobe on code that is about to change" probed
