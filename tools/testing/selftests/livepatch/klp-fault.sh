# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Calls that fail, one after the other: for tests that ask of an operation that it
# leaves everything as it was when the first, the second, ... of the calls fails
# that can, and that it then succeeds. Source klp.sh before.

KLP_FAILSLAB=$KLP_DEBUGFS/failslab
KLP_FAIL_PAGES=$KLP_DEBUGFS/fail_page_alloc
KLP_FAIL_FUNCTION=$KLP_DEBUGFS/fail_function

# set_fault VALUE FILE: until the end of the case.
set_fault() {
	defer write "$(value "$2")" "$2"
	write "$1" "$2"
}

# core_range FUNCTION: where it is, in START and END, also if the compiler has made another
# of it. That is looked up once in a script.
core_range() {
	local functions=$KLP_TMP/functions range=$KLP_TMP/range.$1

	# Of the kernel itself, which stay where they are.
	[ -e "$functions" ] ||
		awk '$2 ~ /[tT]/ && NF == 3 { print $1, $3 }' "$KLP_KALLSYMS" | sort > "$functions"
	[ -e "$range" ] ||
		awk -v name="$1" 'start { print start, $1; exit }
			index($2, name) != 1 { next }
			$2 ~ "^" name "([.](constprop|isra)[.][0-9]+)?$" { start = $1 }
		' "$functions" > "$range"
	read -r START END < "$range"
}

# fail_memory [FUNCTION]: what allocates from the slab or takes whole pages may fail,
# below FUNCTION: allocations that others make are not ours to test.
fail_memory() {
	local START=0 END=ffffffffffffffff attr level

	if [ ! -d "$KLP_FAILSLAB" ] || [ ! -d "$KLP_FAIL_PAGES" ]; then
		skip "this kernel cannot inject allocation failures"
	fi
	[ -e "$KLP_FAILSLAB/require-start" ] ||
		skip "this kernel cannot tell whose allocation it is"
	[ -z "${1:-}" ] || core_range "$1" || fail "$1 is not in $KLP_KALLSYMS"

	for attr in "$KLP_FAILSLAB" "$KLP_FAIL_PAGES"; do
		set_fault "0x$START" "$attr/require-start"
		set_fault "0x$END" "$attr/require-end"
		set_fault 32 "$attr/stacktrace-depth"
		set_fault N "$attr/ignore-gfp-wait"
		set_fault 0 "$attr/verbose"
	done
	set_fault 0 "$KLP_FAIL_PAGES/min-order"
	# A slab takes pages when it has run out of objects, which is not at the same call each
	# time: were these counted, the walk would pass by a call now and then.
	core_range ___slab_alloc || fail "___slab_alloc is not in $KLP_KALLSYMS"
	set_fault "0x$START" "$KLP_FAIL_PAGES/reject-start"
	set_fault "0x$END" "$KLP_FAIL_PAGES/reject-end"
	# What kmemleak cannot allocate it has in store: nothing fails by that.
	core_range __alloc_object || :
	set_fault "0x${START:-0}" "$KLP_FAILSLAB/reject-start"
	set_fault "0x${END:-0}" "$KLP_FAILSLAB/reject-end"

	# The kernel tells of each page that it cannot get, with a trace of the stack,
	# which is no defect here: keep it from the console, where none is expected.
	# expect_no_defect looks for those that are, also when nothing fails any more.
	read -r level _ < /proc/sys/kernel/printk
	defer dmesg -n "$level"
	dmesg -n 4
	log_mark
	finally expect_no_defect "something has failed"
}

# first_fail TIMES FUNCTION: the first allocations below it, -1 for all, 0 for none yet.
first_fail() {
	fail_memory "$2"
	set_fault 0 "$KLP_FAILSLAB/probability"
	set_fault -1 "$KLP_FAILSLAB/times"
	fail_again "$1"
}

# fail_again TIMES: after first_fail, for the same function.
fail_again() {
	write "$1" "$KLP_FAILSLAB/times"
	write 100 "$KLP_FAILSLAB/probability"
}

end_of_failures() {
	write 0 "$KLP_FAILSLAB/probability"
}

# What tools/testing/livepatch/console.sh calls a defect, but for what the kernel says when
# it cannot get a page, with a trace.
KLP_DEFECTS=(
	'BUG:' 'BUG at' 'WARNING:'
	'Oops' 'general protection' 'Kernel panic'
	'KASAN:' 'UBSAN:' 'refcount_t:' 'unreferenced object'
	'rcu: INFO: .* (stall|detected)' 'hard LOCKUP' 'blocked for more than'
	'nobody cared' 'duplicate filename'
)

# expect_no_defect WHEN: none has been reported since the last log_mark.
expect_no_defect() {
	local line defect

	printf -v defect '%s|' "${KLP_DEFECTS[@]}"
	read_log
	for line in "${LOG[@]}"; do
		[[ ! $line =~ ${defect%|} ]] || fail "$1: $line"
	done
}

# fail_functions: what kernel/livepatch/fault.c lists may return EIO. Modules list
# functions, too, with "[module]" behind the name.
fail_functions() {
	local name where attr

	[ -d "$KLP_FAIL_FUNCTION" ] || skip "this kernel cannot let functions fail"
	for attr in "$KLP_FAILSLAB" "$KLP_FAIL_PAGES"; do
		# Nothing but functions counts.
		set_fault 1 "$attr/require-start"
		set_fault 2 "$attr/require-end"
	done
	set_fault 0 "$KLP_FAIL_FUNCTION/verbose"
	defer write "" "$KLP_FAIL_FUNCTION/inject"
	while read -r name where; do
		[[ $name = klp_* && $where != "["* ]] || continue
		write "$name" "$KLP_FAIL_FUNCTION/inject"
		# -EIO, as the register holds it
		write 0xfffffffffffffffb "$KLP_FAIL_FUNCTION/$name/retval"
	done < "$KLP_DEBUGFS/error_injection/list"
}

# fail_load N MODULE [PARAMETER=VALUE...]: let the N-th call fail.
fail_load() {
	expect_module_file "$2"
	call "$1" load "${KLP_MODULE_FILES[$2]}" "${@:3}"
}

# walk ERRNOS OPERATION UNDO: OPERATION N lets the N-th call fail, in one call of
# klp-call. Allowed are ERRNOS, numbers, and 0 if what failed could be done
# without; after a success UNDO takes it back. The walk ends when there is no N-th,
# which must be after at least one. KLP_FAULT_STEP leaves out all but one of so many.
walk() {
	local errnos=$1 operation=$2 undo=$3 step=${KLP_FAULT_STEP:-1} n before reached found

	snapshot
	before=$SNAPSHOT
	for ((n = 1; n < 500; n += step)); do
		log_mark
		"$operation" "$n"
		reached=$OUTCOME found=$ERRNO
		if [ "$found" = 0 ]; then
			"$undo"
		elif [[ " $errnos " != *" $found "* ]]; then
			fail "call $n of $operation has failed: $ERROR"
		fi
		expect_unchanged "after call $n of $operation has failed" "$before"
		expect_no_defect "call $n of $operation has failed"
		if [ "$reached" = spared ]; then
			[ "$found" = 0 ] || fail "nothing failed, and errno was $found"
			[ "$n" -gt 1 ] || fail "there was no call to fail"
			note "$(((n - 1) / step)) calls of $operation have failed, one each time"
			return
		fi
	done
	fail "no end after $n calls"
}
