#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A thousand functions at once; each must end up where it belongs.
#
# KLP_MANY	how many functions to patch (1000)

. "$(dirname "$0")/klp.sh"

MANY=${KLP_MANY:-1000}

# expect_ranges RANGE...: as /sys/module/test_klp_many/parameters/versions has it.
# An empty range, one that would end before it begins, is left out.
expect_ranges() {
	local range expected="" first last

	for range; do
		first=${range%%-*}
		last=${range#*-}
		last=${last%% *}
		[ "$first" -gt "$last" ] || expected+=$range$'\n'
	done
	expect_equal "who answers" "${expected%$'\n'}" \
		"$(value /sys/module/test_klp_many/parameters/versions)"
}

all() {
	load test_klp_many
	enable test_klp_many_a count="$MANY"
	expect_ranges "0-$((MANY - 1)) a" "$MANY-999 original"
	expect_equal "function directories" "$MANY" \
		"$(find "$KLP_SYSFS/test_klp_many_a/test_klp_many" -name 'klp_many_*,1' | wc -l)"
	remove test_klp_many_a
	expect_ranges "0-999 original"
}

late() {
	enable test_klp_many_a count="$MANY"
	load test_klp_many
	expect_ranges "0-$((MANY - 1)) a" "$MANY-999 original"
	unload test_klp_many
	load test_klp_many
	expect_ranges "0-$((MANY - 1)) a" "$MANY-999 original"
	remove test_klp_many_a
	expect_ranges "0-999 original"
}

overlapping() {
	load test_klp_many
	enable test_klp_many_a first=0 count=200
	enable test_klp_many_b first=100 count=200
	expect_ranges "0-99 a" "100-299 b" "300-999 original"
	remove test_klp_many_a
	expect_ranges "0-99 original" "100-299 b" "300-999 original"
	enable test_klp_many_a first=150 count=50
	expect_ranges "0-99 original" "100-149 b" "150-199 a" "200-299 b" "300-999 original"
	remove test_klp_many_b
	expect_ranges "0-149 original" "150-199 a" "200-999 original"
	remove test_klp_many_a
	expect_ranges "0-999 original"
}

# Half of the old functions go back to the original, half of the new are new.
replaced() {
	local quarter=$((MANY / 4))

	load test_klp_many
	enable test_klp_many_a first=0 count=$((2 * quarter))
	enable test_klp_many_b first="$quarter" count=$((2 * quarter)) replace=1
	wait_until gone "$KLP_SYSFS/test_klp_many_a"
	expect_ranges "0-$((quarter - 1)) original" "$quarter-$((3 * quarter - 1)) b" \
		"$((3 * quarter))-999 original"
	unload test_klp_many_a
	remove test_klp_many_b
	expect_ranges "0-999 original"
}

klp_run \
	"$MANY functions are patched and unpatched" all \
	"$MANY functions of a module that comes later" late \
	"livepatches of 200 functions overlap" overlapping \
	"a livepatch of many functions replaces another" replaced
