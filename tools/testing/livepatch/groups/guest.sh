#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest runner itself: what has gone wrong in a guest must not pass as a
# success, or every other group proves nothing.

. "$(dirname "$0")/../group.sh"
. "$(dirname "$0")/../guest/tap.sh"
. "$(dirname "$0")/../console.sh"

begin_group "+ source plain" "$@"

# A line for each of DEFECTS, that no other of them finds, as the kernel writes it; and
# then some that are found by their beginning.
OF_EACH=(
	"BUG: unable to handle page fault for address: ffffc90000000000"
	"kernel BUG at kernel/livepatch/core.c:100!"
	"WARNING: CPU: 0 PID: 1 at kernel/livepatch/core.c:100 klp_enable_patch+0x10/0x20"
	"Call Trace:"
	"Oops: 0000 [#1] PREEMPT SMP"
	"traps: bash[1] general protection fault ip:401000 sp:7ffc0 error:0 in bash[400000+1000]"
	"Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100"
	"KASAN: null-ptr-deref in range [0x0000000000000000-0x0000000000000007]"
	"UBSAN: array-index-out-of-bounds in kernel/livepatch/core.c:100:10"
	"refcount_t: underflow; use-after-free."
	"unreferenced object 0xffff888000000000 (size 64):"
	"rcu: INFO: rcu_preempt self-detected stall on CPU"
	"watchdog: Watchdog detected hard LOCKUP on cpu 0"
	"INFO: task insmod:100 blocked for more than 122 seconds."
	"insmod: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), nodemask=(null)"
	"irq 9: nobody cared (try booting with the \"irqpoll\" option)"
	"sysfs: cannot create duplicate filename '/kernel/livepatch/livepatch_sample'"
)
MORE=(
	"BUG: KASAN: slab-use-after-free in klp_shadow_get+0x10/0x20"
	"ODEBUG: free active (active state 0) object: ffff888000000000 object type: work_struct"
	"BUG: sleeping function called from invalid context at mm/slub.c:100"
	"BUG: scheduling while atomic: insmod/100/0x00000002"
	"watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [insmod:100]"
	"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"
	"WARNING: possible circular locking dependency detected"
	"WARNING: possible recursive locking detected"
	"WARNING: inconsistent lock state"
	"WARNING: suspicious RCU usage"
)

# on_console LINE...: this is there, between what is no defect.
on_console() {
	printf '[    1.%06d] %s\n' 1 "livepatch: enabling patch 'livepatch_sample'" \
		2 "WARNING: nvram corruption detected: 0-length partition"
	[ $# = 0 ] || printf '[    2.000000] %s\n' "$@"
	printf '[    3.000000] %s\n' "sysrq: Power Off"
}

# found NAMES LINE...: the first of the lines is all that there is of defects.
found() {
	local names=$1

	shift
	[ "$(on_console "$@" | defects_of "$names")" = "[    2.000000] $1" ] && return
	echo "not found: $1"
	return 1
}

# nothing_found NAMES LINE...
nothing_found() {
	local names=$1

	shift
	! on_console "$@" | defects_of "$names"
}

each_found() {
	local line

	for line in "${OF_EACH[@]}" "${MORE[@]}"; do
		found "" "$line" || return
	done
}

# Without it, its line would pass.
each_needed() {
	local all=("${DEFECTS[@]}") i DEFECTS

	[ ${#all[@]} = ${#OF_EACH[@]} ] || { echo "${#OF_EACH[@]} lines for ${#all[@]}"; return 1; }
	for i in "${!all[@]}"; do
		DEFECTS=("${all[@]:0:i}" "${all[@]:i+1}")
		nothing_found "" "${OF_EACH[i]}" || { echo "found without '${all[i]}'"; return 1; }
	done
}

# The selftests' own list has no other, and lacks only what they provoke.
same_in_guest() (
	KLP_DEBUGFS=
	. "$REPO/tools/testing/selftests/livepatch/klp-fault.sh"
	diff <(printf '%s\n' "${DEFECTS[@]}" | grep -vx -e "Call Trace" -e "page allocation failure") \
		<(printf '%s\n' "${KLP_DEFECTS[@]}")
)

# complained EXPECTED LINE...: of a torture test that has these on its console.
complained() {
	local expected=$1 found

	shift
	found=$(printf '%s\n' "[    5.000000] ${OF_EACH[2]}" \
		"[   10.400000] klptorture-torture:--- Start of test: seed=1" "$@" | first_complaint) ||
		found=nothing
	[ "$found" = "$expected" ] || { echo "found: $found"; return 1; }
}

complaints() {
	local line

	in_time "after 60 s: torture:!!! calls were mixed after 5 s" 60 &&
		! in_time "after 61 s: torture:!!! calls were mixed after 5 s" 60 &&
		! in_time nothing 60 || return
	complained nothing &&
		complained "after 102 s: torture:!!! calls were mixed" \
			"[   20.000000] livepatch: enabling patch 'klptorture_v1'" \
			"[  112.500000] klptorture-torture:!!! calls were mixed" \
			"[  113.000000] ${OF_EACH[0]}" || return
	for line in "${OF_EACH[@]}"; do
		! complained nothing "[   70.500000] $line" >/dev/null || return
	done
}

OURS=$'klp_find_func\nklp_try_switch'
RULE='=================================================================='

# race FUNCTION FUNCTION: the lines of a report, in RACE.
race() {
	RACE=("BUG: KCSAN: data-race in $1 / $2" ""
		"write to 0xffff888000000000 of 8 bytes by task 100 on cpu 0:"
		" $1+0x10/0x20" " ret_from_fork+0x10/0x20" "$RULE")
}

our_races() {
	race klp_try_switch find_task
	found "$OURS" "${RACE[@]}" || return
	race find_task.isra.0 klp_find_func.constprop.0
	found "$OURS" "${RACE[@]}"
}

races_of_others() {
	race find_task klp_find_func_of_others
	nothing_found "$OURS" "$RULE" "${RACE[@]}"
}

# A report ends where it ends.
after_races_of_others() {
	local reported

	race find_task link_task
	reported=$(on_console "$RULE" "${RACE[@]}" "${OF_EACH[2]}" | defects_of "$OURS") &&
		[ "$reported" = "[    2.000000] ${OF_EACH[2]}" ]
}

nobody_known() {
	local reported

	race find_task link_task
	reported=$(on_console "$RULE" "${RACE[@]}" | defects_of "") &&
		[[ $reported = *"no function of ours is known"*"${RACE[0]}" ]]
}

# In a build directory, as far as it has to be there.
functions_known() {
	local scratch names

	scratch=$(mktemp -d)
	mkdir -p "$scratch"/{kernel/livepatch,kernel/module,arch/x86/kernel}
	echo 'void klp_one(void) { } int klp_data;' |
		gcc -x c -c -o "$scratch/kernel/livepatch/core.o" -
	echo 'static __attribute__((used)) void klp_two(void) { }' |
		gcc -x c -c -o "$scratch/kernel/module/livepatch.o" -
	echo 'void klp_three(void) { }' |
		gcc -x c -c -o "$scratch/arch/x86/kernel/livepatch.o" -
	names=$(our_functions "$scratch" | tr '\n' ' ')
	rm -r "$scratch"
	[ "$names" = "klp_one klp_three klp_two " ] || { echo "known: $names"; return 1; }
}

# boot NAME COMMAND [OPTION...]: in the mode in which a guest boots fastest.
boot() {
	local name=$1 command=$2
	shift 2
	"$TESTING/guest.sh" --kernel "$BUILD/x86_64-plain" --name "guest-$name" --timeout 120 \
		--mode up --run "$command" "$@"
}

passes() {
	[ "$(boot good 'echo what it says; echo not this >&2')" = "what it says" ]
}

# fails TEXT NAME COMMAND [OPTION...]: the run fails, and TEXT says why.
fails() {
	local text=$1 output
	shift
	if output=$(boot "$@" 2>&1); then
		echo "passed as a success:"
	elif grep -qF "$text" <<<"$output" && grep -qF "$LOGS/guest-$1.console" <<<"$output"; then
		return
	fi
	echo "$output"
	return 1
}

repeats() {
	boot repeat-1 dmesg --mode icount >"$LOGS/guest-repeat-1.dmesg" &&
		boot repeat-2 dmesg --mode icount >"$LOGS/guest-repeat-2.dmesg" &&
		cmp "$LOGS/guest-repeat-1.dmesg" "$LOGS/guest-repeat-2.dmesg"
}

# order_refused MESSAGE VARIABLE=VALUE...: "make test" says that and runs nothing.
order_refused() {
	local said

	if said=$(env "${@:2}" timeout 60 "$TESTING/test.sh" 2>&1) || [[ $said != *"$1"* ]]; then
		echo "$said"
		return 1
	fi
}

case $run in
source)
	case_of "whatever is a defect is found on a console" each_found
	case_of "each pattern finds what no other does" each_needed
	case_of "a console without any passes" nothing_found ""
	case_of "in a guest the same is a defect" same_in_guest
	case_of "what a torture test first complains of, when, and whether in time" complaints
	case_of "a race of ours is a defect" our_races
	case_of "a race of others is none" races_of_others
	case_of "what comes after it is looked at" after_races_of_others
	case_of "where no function of ours is known, any race is" nobody_known
	case_of "which functions are ours is known from the objects" functions_known
	case_of "a group that is not there, beside one that is" \
		order_refused "groups: apply " ONLY="packages nonsense"
	case_of "no guest at a time" order_refused "not a number of guests" GUESTS=0 ONLY=nonsense
	;;
plain)
	case_of "a good run passes, its output is the command's" passes
	case_of "a failing command" fails "the job failed: status 3" status "exit 3"
	case_of "a panic" fails "reported a defect" panic "echo c >/proc/sysrq-trigger"
	case_of "a warning of the kernel" fails "reported a defect" warning \
		"echo '<4>WARNING: CPU: 0 PID: 1 at kernel/made/up.c:1' >/dev/kmsg"
	case_of "a guest that hangs" fails "did not end within 10 s" hang "sleep 1000" \
		--timeout 10
	case_of "a guest that ends before its command" fails "ended before its job did" early \
		"echo o >/proc/sysrq-trigger; while :; do sleep 1; done"
	case_of "two runs under icount are the same to the microsecond" repeats
	;;
esac
