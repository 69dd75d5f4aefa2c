#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What Documentation/livepatch/security.rst says: who may do and read what, what a user
# without privileges can hold up, and that addresses are told to nobody.

. "$(dirname "$0")/klp.sh"

PATCH=$KLP_SYSFS/test_klp_patch_a
FUNCS=test_klp_park:klp_park_kthread,test_klp_park:klp_park_killable

# as_nobody COMMAND...
as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"
}

# without CAPABILITY COMMAND...: as root.
without() {
	local capability=$1

	shift
	setpriv --bounding-set="-$capability" --inh-caps="-$capability" "$@"
}

hold_up() {
	load test_klp_park
	park_kthreads 1
	load test_klp_patch_a funcs="$FUNCS"
	expect "$PATCH/transition" 1
}

# All files of a livepatch belong to root and have these modes, and there are no others.
modes() {
	enable test_klp_patch_a funcs=cmdline_proc_show
	expect_equal "files" "\
200 0 0 force
400 0 0 stalled
444 0 0 patched
444 0 0 replace
444 0 0 stack_order
444 0 0 transition
644 0 0 enabled" "$(find "$PATCH" -type f -printf '%m %U %G %f\n' | sort)"
	expect_equal "patch_state" "400" "$(stat --format=%a /proc/self/patch_state)"
}

reads() {
	as_nobody cat "$1" > /dev/null 2>&1
}

# A shell of that user tries to open it for writing.
writes() {
	# shellcheck disable=SC2016	# expanded by the other shell
	as_nobody bash -c 'echo "$1" > "$2"' - "$2" "$1" 2> /dev/null
}

nobody() {
	local file

	hold_up
	for file in enabled transition replace stack_order; do
		reads "$PATCH/$file" || fail "$file cannot be read"
	done
	for file in force stalled; do
		! reads "$PATCH/$file" || fail "$file can be read"
	done
	for file in enabled transition replace stack_order force stalled; do
		! writes "$PATCH/$file" 0 || fail "$file can be written"
	done
	reads /proc/self/patch_state || fail "the user's own patch_state cannot be read"
	! reads /proc/1/patch_state || fail "patch_state of init can be read"
	! reads "$KLP_TRACING/trace" || fail "the trace can be read"
	expect "$PATCH/enabled" 1
	expect "$PATCH/transition" 1
}

needs_capability() {
	local file

	file=$(module_file test_klp_patch_a)
	! without sys_module insmod "$file" funcs=cmdline_proc_show 2> /dev/null ||
		fail "a livepatch was loaded without CAP_SYS_MODULE"
	! as_nobody insmod "$file" 2> /dev/null || fail "a livepatch was loaded by nobody"
	gone "$PATCH" || fail "there is $PATCH"
}

# That one is loaded as root shows that the capability was what was missing above. The
# files in sysfs ask for the user and for no capability.
needs_no_capability() {
	enable test_klp_patch_a funcs=cmdline_proc_show
	# shellcheck disable=SC2016	# expanded by the other shell
	without sys_admin,-sys_module bash -c 'echo 0 > "$1"' - "$PATCH/enabled"
	wait_until gone "$PATCH"
}

taints() {
	enable test_klp_patch_a funcs=cmdline_proc_show
	(($(< /proc/sys/kernel/tainted) & 1 << 15)) || fail "the kernel is not tainted"
	[[ $(< /sys/module/test_klp_patch_a/taint) = *K* ]] || fail "the module does not taint"
}

# An address of the kernel, as x86_64 and ppc64le have them: that maps its memory at c000
# and its modules at c008.
ADDRESS='(^|[^0-9a-f])(0x)?(ffff|c0[0-9a-f]{2})[0-9a-f]{12}([^0-9a-f]|$)'

# told_by COMMAND...: it says something, and no address.
told_by() {
	local text

	text=$("$@")
	[ -n "$text" ] || fail "$* says nothing"
	! grep -E "$ADDRESS" <<< "$text" || fail "$* tells an address"
}

# Others print numbers that look like addresses, such as masks.
livepatch_log() {
	log_since_mark | grep -E 'livepatch|klp'
}

no_addresses() {
	local address

	# It can tell.
	for address in ffffffff81234567 0xffffffffc0123456 c000000000123456 c008000000123456; do
		grep -qE "$ADDRESS" <<< "at $address it is" || fail "$address is no address"
	done

	trace_events .
	log_mark
	hold_up
	told_by cat "$PATCH/stalled"
	load_refused EBUSY test_klp_patch_b funcs=cmdline_proc_show
	release
	wait_until transition_done test_klp_patch_a
	told_by livepatch_log
	told_by cat "$KLP_TRACING/trace"
	told_by find "$KLP_SYSFS"
	remove test_klp_patch_a
}

# What the symbols of a livepatch resolve to is in its symbol table: who may not see
# addresses does not see these.
kallsyms() {
	local root nobody

	load test_klp_reloc_base
	load test_klp_reloc_target
	enable test_klp_reloc
	root=$(grep test_klp_reloc /proc/kallsyms)
	nobody=$(as_nobody grep test_klp_reloc /proc/kallsyms)
	[[ $root = *.klp.sym.* ]] || fail "no symbol of a livepatch"
	grep -v '^0* ' <<< "$root" | grep -qF .klp.sym. || fail "root sees no addresses"
	expect_equal "what nobody sees" "$(cut -d' ' -f2- <<< "$root")" \
		"$(sed -n 's/^0* //p' <<< "$nobody")"
}

# A user that does not want to switch can wait in a function that is patched. It is
# named, and killing it is enough.
delay() {
	local reader

	load test_klp_park
	chmod 755 "$KLP_DEBUGFS"
	defer chmod 700 "$KLP_DEBUGFS"
	as_nobody cat "$KLP_PARK/killable" > "$KLP_TMP/read" 2>&1 &
	wait_until parked 1
	reader=$(pgrep -x -u 65534 cat)
	load test_klp_patch_a funcs="$FUNCS"
	expect_waits test_klp_patch_a 1 "$reader"
	wait_until grep -q "^$reader .* on_stack .*klp_park_killable" "$PATCH/stalled"
	kill -KILL "$reader"
	wait_until transition_done test_klp_patch_a
	expect "$PATCH/enabled" 1
	remove test_klp_patch_a
}

klp_run \
	"files belong to root and have the modes that are documented" modes \
	"nobody reads what is for all and writes nothing" nobody \
	"to load a livepatch takes CAP_SYS_MODULE" needs_capability \
	"to disable one takes root and no capability" needs_no_capability \
	"a livepatch taints the kernel" taints \
	"no address is told in sysfs, the log and the trace" no_addresses \
	"nobody sees addresses of a livepatch's symbols" kallsyms \
	"who holds up a transition is named and can be killed" delay
