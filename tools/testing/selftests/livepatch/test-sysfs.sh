#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# /sys/kernel/livepatch: what is there, who may do what with it, and what happens
# when somebody looks while it goes away.

. "$(dirname "$0")/klp.sh"

VALUE=test_klp_target:klp_target_value
OTHER=test_klp_target:klp_target_other
PATCH=$KLP_SYSFS/test_klp_patch_a

# expect_mode MODE FILE
expect_mode() {
	expect_equal "mode of $2" "$1" "$(stat --format=%a "$2")"
}

layout() {
	load test_klp_target
	enable test_klp_patch_a funcs="cmdline_proc_show,$VALUE,test_klp_target:klp_target_twin@2"
	expect_equal "the tree" "$(printf '%s\n' . ./enabled ./force ./replace ./stack_order \
		./stalled ./test_klp_target ./test_klp_target/klp_target_twin,2 \
		./test_klp_target/klp_target_value,1 ./test_klp_target/patched \
		./transition ./vmlinux ./vmlinux/cmdline_proc_show,1 ./vmlinux/patched)" \
		"$(cd "$PATCH" && find . | sort)"
}

modes() {
	enable test_klp_patch_a funcs=cmdline_proc_show
	expect_mode 755 "$PATCH"
	expect_mode 644 "$PATCH/enabled"
	expect_mode 200 "$PATCH/force"
	expect_mode 444 "$PATCH/transition"
	expect_mode 444 "$PATCH/replace"
	expect_mode 400 "$PATCH/stalled"
	expect_mode 755 "$PATCH/vmlinux"
	expect_mode 444 "$PATCH/vmlinux/patched"
	expect_mode 755 "$PATCH/vmlinux/cmdline_proc_show,1"
}

values() {
	enable test_klp_patch_a funcs="cmdline_proc_show,$VALUE"
	expect "$PATCH/enabled" 1
	expect "$PATCH/transition" 0
	expect "$PATCH/replace" 0
	expect "$PATCH/vmlinux/patched" 1
	expect "$PATCH/test_klp_target/patched" 0
	load test_klp_target
	expect "$PATCH/test_klp_target/patched" 1
	remove test_klp_patch_a
	enable test_klp_patch_a funcs=cmdline_proc_show replace=1
	expect "$PATCH/replace" 1
}

# The order in which they were enabled, without gaps.
stack_order() {
	load test_klp_target
	enable test_klp_patch_a funcs="$VALUE"
	expect_mode 444 "$PATCH/stack_order"
	expect "$PATCH/stack_order" 1
	enable test_klp_patch_b funcs="$VALUE"
	enable test_klp_patch_c funcs="$OTHER"
	expect "$PATCH/stack_order" 1
	expect "$KLP_SYSFS/test_klp_patch_b/stack_order" 2
	expect "$KLP_SYSFS/test_klp_patch_c/stack_order" 3
	remove test_klp_patch_b
	expect "$PATCH/stack_order" 1
	expect "$KLP_SYSFS/test_klp_patch_c/stack_order" 2
	enable test_klp_patch_b funcs="$VALUE" replace=1
	wait_until gone "$PATCH"
	expect "$KLP_SYSFS/test_klp_patch_b/stack_order" 1
}

garbage() {
	local text

	enable test_klp_patch_a funcs=cmdline_proc_show
	for text in "" maybe 2 -1; do
		write_refused_loudly EINVAL "$text" test_klp_patch_a enabled
	done
	expect "$PATCH/enabled" 1
	expect "$PATCH/transition" 0
}

same_value() {
	enable test_klp_patch_a funcs=cmdline_proc_show
	write_refused_loudly EINVAL 1 test_klp_patch_a enabled
	expect "$PATCH/enabled" 1
}

read_only() {
	local file

	enable test_klp_patch_a funcs=cmdline_proc_show
	for file in transition replace stalled vmlinux/patched; do
		write_refused EACCES 1 "$PATCH/$file"
	done
	if cat "$PATCH/force" 2> /dev/null; then
		fail "force can be read"
	fi
}

unprivileged() {
	local file

	enable test_klp_patch_a funcs=cmdline_proc_show
	for file in enabled force; do
		# shellcheck disable=SC2016	# for the other shell
		if setpriv --reuid=65534 --clear-groups bash -c 'echo 0 > "$0"' "$PATCH/$file" \
			2> /dev/null; then
			fail "an unprivileged user writes to $file"
		fi
	done
	setpriv --reuid=65534 --clear-groups cat "$PATCH/enabled" > /dev/null
	expect "$PATCH/enabled" 1
}

# The file is still open when there is nothing left that it could speak of.
gone_while_open() {
	local enabled transition

	enable test_klp_patch_a funcs=cmdline_proc_show
	exec {enabled}> "$PATCH/enabled" {transition}< "$PATCH/transition"
	remove test_klp_patch_a
	if error=$( { echo 1 >&"$enabled"; } 2>&1 ); then
		fail "a livepatch that is gone was enabled"
	fi
	[[ $error = *"${KLP_ERROR[ENODEV]}"* ]] || fail "writing gave: $error, expected: ENODEV"
	if error=$(cat <&"$transition" 2>&1); then
		fail "a livepatch that is gone has a transition"
	fi
	[[ $error = *"${KLP_ERROR[ENODEV]}"* ]] || fail "reading gave: $error, expected: ENODEV"
}

# As long as somebody holds its directory the livepatch is there, and its module needed for it;
# but nothing can be done with it any more. Nor can the module enable another patch, which would
# have that directory.
directory_held() {
	local parameters=/sys/module/test_klp_patch_a/parameters
	local keep=$parameters/keep

	enable test_klp_patch_a funcs=cmdline_proc_show
	write 1 "$keep"
	defer release_held "$keep"
	write 0 "$PATCH/enabled"
	wait_until gone "$PATCH/vmlinux"
	expect "$PATCH/enabled" 0
	expect "$PATCH/transition" 0
	expect "$PATCH/stack_order" 0
	write_refused EINVAL 1 "$PATCH/enabled"
	write_refused EINVAL 0 "$PATCH/enabled"
	write_refused EINVAL 1 "$PATCH/force"
	! unused test_klp_patch_a || fail "the module of a livepatch that is there can go"
	write_refused EBUSY 1 "$parameters/another"
	write 0 "$keep"
	wait_until gone "$PATCH"
	write 1 "$parameters/another"
	wait_until transition_done test_klp_patch_a
	expect /proc/loadavg "a: this has been live patched"
	remove test_klp_patch_a
}

read_everything() {
	local file

	for file in "$PATCH"/* "$PATCH"/*/*; do
		value "$file" > /dev/null
	done
}

write_everything() {
	echo 0 > "$PATCH/enabled"
	echo nonsense > "$PATCH/enabled"
	echo 1 > "$PATCH/enabled"
	echo nonsense > "$PATCH/force"
}

# Writers may disable the livepatch before we do, and turn transitions round.
disabled_by_anybody() {
	local i

	load test_klp_target
	hammer read_everything &
	hammer "$@" &
	for ((i = 0; i < 5 * KLP_STRESS; i++)); do
		load test_klp_patch_a funcs="cmdline_proc_show,$VALUE"
		wait_until disabled_at_last
		unload test_klp_patch_a
	done
	end_hammers
	gone "$PATCH" || fail "$PATCH is still there"
	expect_target value original
}

disabled_at_last() {
	[ -e "$PATCH" ] || return 0
	{ echo 0 > "$PATCH/enabled"; } 2> /dev/null || :
	return 1
}

read_races() {
	disabled_by_anybody read_everything
}

write_races() {
	disabled_by_anybody write_everything
}

klp_run \
	"a livepatch has the files that it should have" layout \
	"files have the modes that they should have" modes \
	"files have the values that they should have" values \
	"stack_order counts livepatches as they were enabled" stack_order \
	"enabled takes a boolean" garbage \
	"enabled refuses the value that it has" same_value \
	"files are read-only or write-only also for root" read_only \
	"only root may write" unprivileged \
	"a file outlives its livepatch and says so" gone_while_open \
	"a directory that is held outlives what it is about" directory_held \
	"files are read while livepatches come and go" read_races \
	"files are written while livepatches come and go" write_races
