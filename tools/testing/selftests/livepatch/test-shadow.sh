#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shadow variables.

. "$(dirname "$0")/klp.sh"

PARAMETERS=/sys/module/test_klp_shadow/parameters

# expect_result RESULT COMMAND...
expect_result() {
	local result=$1

	shift
	write "$*" "$PARAMETERS/command"
	expect "$PARAMETERS/result" "$result"
}

expect_counts() {
	expect "$PARAMETERS/constructed" "$1"
	expect "$PARAMETERS/destroyed" "$2"
}

life() {
	load test_klp_shadow
	expect_result none get 0 1
	expect_result 10 alloc 0 1 10
	expect_result 10 get 0 1
	expect_result none free 0 1
	expect_result none get 0 1
	expect_counts 1 1
}

# One variable for each object and id.
keys() {
	load test_klp_shadow
	expect_result 10 alloc 0 1 10
	expect_result 11 alloc 0 2 11
	expect_result 12 alloc 1 1 12
	expect_result 10 get 0 1
	expect_result 11 get 0 2
	expect_result 12 get 1 1
	expect_result none get 1 2
	expect_result none free 0 1
	expect_result 11 get 0 2
	expect_result 12 get 1 1
	expect_result none free_all 1
	expect_result none free_all 2
	expect_counts 3 3
}

# alloc wants to be the first, and says so; get_or_alloc does not mind.
already_there() {
	load test_klp_shadow
	log_mark
	expect_result 10 get_or_alloc 0 1 10
	expect_result 10 get_or_alloc 0 1 20
	! log_has "shadow variable" || fail "get_or_alloc complains:"$'\n'"$(log_since_mark)"
	expect_result none alloc 0 1 20
	expect_log "shadow variable" exists
	expect_result 10 get 0 1
	expect_counts 1 0
	expect_result none free 0 1
}

refused_by_constructor() {
	load test_klp_shadow
	write 1 "$PARAMETERS/refuse"
	expect_result none alloc 0 1 10
	expect_result none get_or_alloc 0 1 10
	expect_result none get 0 1
	expect_counts 0 0
	write 0 "$PARAMETERS/refuse"
	expect_result 10 alloc 0 1 10
	expect_result none free 0 1
}

free_all() {
	local i

	load test_klp_shadow
	for i in 0 1 2 3 4 5 6 7; do
		expect_result $((10 + i)) alloc "$i" 1 $((10 + i))
		expect_result $((20 + i)) alloc "$i" 2 $((20 + i))
	done
	expect_result none free_all 1
	expect_counts 16 8
	for i in 0 1 2 3 4 5 6 7; do
		expect_result none get "$i" 1
		expect_result $((20 + i)) get "$i" 2
	done
	expect_result none free_all 2
	expect_counts 16 16
	expect_result none free_all 2
	expect_counts 16 16
}

nothing_there() {
	load test_klp_shadow
	expect_result none free 0 1
	expect_result none free_all 1
	expect_counts 0 0
}

# Ids are numbers of the full width.
wide_ids() {
	load test_klp_shadow
	expect_result 1 alloc 0 0 1
	expect_result 2 alloc 0 18446744073709551615 2
	expect_result 3 alloc 0 4294967296 3
	expect_result 1 get 0 0
	expect_result 2 get 0 18446744073709551615
	expect_result 3 get 0 4294967296
	expect_result none free_all 0
	expect_result none free_all 18446744073709551615
	expect_result none free_all 4294967296
	expect_counts 3 3
}

# Many want the same variable at once; it is made once, and all get it. While it is made others
# have looked for it in vain, if there is another CPU for them.
race() {
	local i

	load test_klp_shadow linger=10
	for ((i = 0; i < 10 * KLP_STRESS; i++)); do
		expect_result 16 race 0 1 16
		expect_counts $((i + 1)) "$i"
		expect_result none free 0 1
	done
}

klp_run \
	"a variable is made, found, and freed" life \
	"variables of objects and ids are apart" keys \
	"a variable is made only once" already_there \
	"a constructor refuses" refused_by_constructor \
	"all variables of an id are freed" free_all \
	"what is not there can be freed" nothing_there \
	"ids have the full width" wide_ids \
	"a variable is wanted by many at once" race
