#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What judges the tests: whatever goes wrong in one must be a failed case, or none of the
# others proves anything. It is fed with made-up tests, each of which goes wrong in one way.
#
# shellcheck disable=SC2016	# tests are in single quotes

. "$(dirname "$0")/../group.sh"

begin_group "+ source" "$@"

. "$(dirname "$0")/../guest/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
SELFTESTS=$REPO/tools/testing/selftests/livepatch

# same EXPECTED ACTUAL
same() {
	diff <(echo "$1") <(echo "$2")
}

# ---------------------------------------------------------------- relay_tap, case_of

# relayed EXPECTED STATUS LINE...: of a program that has printed these.
relayed() {
	local expected=$1 status=$2

	shift 2
	same "$expected" "$(relay_tap it "$status" "$(printf '%s\n' "TAP version 13" "$@")")"
}

relays_all() {
	relayed $'ok - it: a\n# why\nnot ok - it: b # c\nok - it: d # SKIP e' 1 \
		1..3 "ok 1 - a" "# why" "not ok 2 - b # c" "ok 3 - d # SKIP e" &&
		relayed "ok - it: a" 0 1..1 "ok 1 - a"
}

relays_skip() {
	relayed "ok - it: a # SKIP b" 4 1..1 "ok 1 - a # SKIP b" &&
		relayed "ok - it # SKIP no root" 4 "1..0 # SKIP no root"
}

other_number() {
	relayed $'ok - it: a\nnot ok - it: 2 cases planned, 1 reported (exit 0)' 0 \
		1..2 "ok 1 - a" &&
		relayed $'ok - it: a\nok - it: b\nnot ok - it: 1 cases planned, 2 reported (exit 0)' 0 \
			1..1 "ok 1 - a" "ok 2 - b"
}

no_plan() {
	relayed $'ok - it: a\nnot ok - it: unknown cases planned, 1 reported (exit 0)' 0 \
		"ok 1 - a" &&
		same "not ok - it: unknown cases planned, 0 reported (exit 127)" \
			"$(relay_tap it 127 "" | grep -v '^#')"
}

status_without_failure() {
	relayed $'ok - it: a\nnot ok - it: exit 1 without a failed case' 1 1..1 "ok 1 - a"
}

failure_without_status() {
	relayed $'not ok - it: a\nnot ok - it: exit 0 in spite of failed cases' 0 \
		1..1 "not ok 1 - a"
}

complain() {
	printf '%s\n' "one" "ok - two"
	return 1
}

cases() {
	same "ok - a" "$(case_of a true)" &&
		same $'not ok - a\n# one\n# ok - two' "$(case_of a complain)" &&
		same "not ok - a" "$(case_of a exit 3)"
}

# ---------------------------------------------------------------- klp_run

# Nothing of the machine is looked at or touched.
mkdir -p "$scratch"/system/{livepatch,debug/tracing}
touch "$scratch/system/README"
cat >"$scratch/system.sh" <<-END
	KLP_MODULES=$scratch/system
	. "$SELFTESTS/klp.sh"
	KLP_SYSFS=$scratch/system/livepatch
	KLP_DEBUGFS=$scratch/system/debug
	KLP_TRACING=$scratch/system
	start_calls() { :; }
	clean_up() { :; }
END

# As root, or as who looks like it.
as_root() {
	if [ "$EUID" = 0 ]; then
		"$@"
	else
		unshare --map-root-user "$@"
	fi
}

# selftest SCRIPT: run it.
selftest() {
	printf '%s\n' ". $scratch/system.sh" "$1" >"$scratch/test-it.sh"
	as_root bash "$scratch/test-it.sh"
}

# run STATUS EXPECTED SCRIPT: a selftest, which ends with that status and says that.
run() {
	local status=0 said

	said=$(selftest "$3" 2>&1) || status=$?
	same "$2" "$said" && same "exit $1" "exit $status"
}

klp_passes() {
	run 0 $'TAP version 13\n1..2\nok 1 - a\n# 5 ms\nok 2 - b' '
		measured() { note 5 ms; }
		klp_run a measured b true'
}

klp_fails() {
	run 1 $'TAP version 13\n1..2\nnot ok 1 - a\n# why\nok 2 - b' '
		wrong() { fail why; }
		klp_run a wrong b true'
}

# Wherever it stands, and also when what comes next succeeds.
klp_fails_within() {
	run 1 $'TAP version 13\n1..1\nnot ok 1 - a\n# test-it.sh:2: false' \
		'inner() { false; true; }
		wrong() { inner; true; }
		klp_run a wrong'
}

klp_skips() {
	run 0 $'TAP version 13\n1..2\nok 1 - a # SKIP why\nok 2 - b' '
		leave_out() { skip why; }
		klp_run a leave_out b true' &&
		run 4 $'TAP version 13\n1..1\nok 1 - a # SKIP why' '
			leave_out() { skip why; }
			klp_run a leave_out' &&
		run 4 $'TAP version 13\n1..0 # SKIP this kernel has no live patching' '
			KLP_SYSFS=/none
			klp_run a true'
}

# The reason of one that was skipped is not the next one's.
klp_exit_4() {
	run 1 $'TAP version 13\n1..2\nok 1 - a # SKIP why\nnot ok 2 - b\n# what' '
		leave_out() { skip why; }
		wrong() { echo what; exit 4; }
		klp_run a leave_out b wrong'
}

klp_leaves_something() {
	run 1 $'TAP version 13\n1..1\nnot ok 1 - a\n# it is still there' '
		clean_up() { fail it is still there; }
		klp_run a true'
}

klp_defers() {
	run 1 $'TAP version 13\n1..1\nnot ok 1 - a\n# why\n# last\n# first' '
		wrong() { defer echo first; defer echo last; fail why; }
		klp_run a wrong'
}

# What klp_run does not come to say, relay_tap says.
klp_dies() {
	local output status=0

	output=$(selftest 'klp_run a true b "kill -KILL $$" c true' 2>/dev/null) || status=$?
	same $'ok - it: a\nnot ok - it: 3 cases planned, 1 reported (exit 137)' \
		"$(relay_tap it $status "$output")"
}

# ---------------------------------------------------------------- stock selftests

# stock EXPECTED SCRIPT: one of these scripts. It plans a case for each line
# that begins with start_test.
stock() {
	local stock=$scratch/stock

	rm -rf "$stock"
	mkdir -p "$stock"/{guest,stock-selftests,bin}
	cp "$TESTING"/guest/{stock,tap}.sh "$stock/guest/"
	# The log of this system is not theirs to clear.
	ln -s "$(type -P true)" "$stock/bin/dmesg"
	{
		echo 'start_test() { printf "TEST: %s ... " "$1"; }'
		echo "$2"
	} >"$stock/stock-selftests/test-it.sh"
	chmod +x "$stock/stock-selftests/test-it.sh"
	same "$1" "$(PATH=$stock/bin:$PATH "$stock/guest/stock.sh" test-it)"
}

ALL_STOCK='
start_test a
echo ok
start_test b
echo ok'

stock_passes() {
	stock $'ok - test-it: a\nok - test-it: b' "$ALL_STOCK"
}

stock_fails() {
	stock $'ok - test-it: a\nnot ok - test-it: b' '
start_test a
echo ok
start_test b
echo "not ok"
exit 1'
}

stock_ends_early() {
	stock $'ok - test-it: a\nnot ok - test-it: case 2 of 2, not started (exit 1)' '
start_test a
echo ok
exit 1
start_test b'
}

stock_status() {
	stock $'ok - test-it: a\nok - test-it: b\nnot ok - test-it: exit 1 without a failed case' \
		"$ALL_STOCK
exit 1"
}

stock_skips() {
	stock 'ok - test-it: a # SKIP SKIP: why' '
start_test a
echo "SKIP: why"
exit 4'
}

# ---------------------------------------------------------------- what is not there

# none_there SCRIPT DIRECTORY: that one of guest/, whose tests are in that directory, is told
# to run only a test that is not among them.
none_there() {
	local place=$scratch/none-$1

	mkdir -p "$place/guest" "$place/$2"
	cp "$TESTING"/guest/{"$1",tap,livepatch}.sh "$place/guest/"
	touch "$place/$2/test-it.sh"
	same "not ok - there is no test-other" "$("$place/guest/$1.sh" test-other plain-smp)"
}

no_such_samples() {
	"$TESTING/guest/samples.sh" others 2>/dev/null | grep -qx "not ok - there are no samples others"
}

# ---------------------------------------------------------------- test.sh

# harness: what it needs of this system, in a place where there is nothing else.
harness() {
	MADE_UP=$scratch/harness/tools/testing/livepatch
	rm -rf "$scratch/harness"
	mkdir -p "$MADE_UP/groups" "$scratch/harness/build/logs"
	cp "$TESTING"/{test,lib,group,flavours}.sh "$MADE_UP/"
	printf '#!/bin/bash\n' | tee "$MADE_UP/packages.sh" >"$MADE_UP/base.sh"
	chmod +x "$MADE_UP"/*.sh
}

# group NAME COMMAND [RUNS]: is there, too, and does that.
group() {
	cat >"$MADE_UP/groups/$1.sh" <<-END
		#!/bin/bash
		. "\$(dirname "\$0")/../group.sh"
		begin_group "${3:-source}" "\$@"
		$2
	END
	chmod +x "$MADE_UP/groups/$1.sh"
}

# tested STATUS EXPECTED [VARIABLE=VALUE]: what test.sh says of these groups, and ends with;
# without the comments on times.
tested() {
	local said status=0

	said=$(env ALL= ONLY= FLAVOUR= ARCH= GUESTS=1 ${3:+"$3"} "$MADE_UP/test.sh" \
		2>"$scratch/complaints") || status=$?
	same $'TAP version 13\n'"$2" "$(grep -vE '^# (why|.* (ended after|all took) )' <<<"$said")" &&
		same "exit $1" "exit $status"
}

test_passes() {
	harness
	group a 'echo "ok - one"; echo "ok - two # SKIP why"'
	tested 0 $'ok 1 - [source] a: one\nok 2 - [source] a: two # SKIP why\n1..2
1 passed, 0 failed, 1 skipped'
}

test_fails() {
	harness
	group a 'echo "not ok - one"; echo "# why"; echo "ok - two"'
	tested 1 $'not ok 1 - [source] a: one\nok 2 - [source] a: two\n1..2
# FAILED: [source] a: one\n#   why\n1 passed, 1 failed, 0 skipped'
}

test_status() {
	harness
	group a 'echo "ok - one"; exit 3'
	tested 1 $'ok 1 - [source] a: one\nnot ok 2 - [source] a: ended with status 3\n1..2
# FAILED: [source] a: ended with status 3\n1 passed, 1 failed, 0 skipped'
}

test_nothing() {
	harness
	group a 'echo "# why"'
	tested 1 $'not ok 1 - [source] a: no case ran\n1..1
# FAILED: [source] a: no case ran\n0 passed, 1 failed, 0 skipped'
}

test_only_skipped() {
	harness
	group a 'echo "ok - one # SKIP why"'
	tested 1 $'ok 1 - [source] a: one # SKIP why\n1..1\n0 passed, 0 failed, 1 skipped'
}

# Who would have said how it ended.
test_cut_short() {
	harness
	group a 'echo "ok - one"; kill -KILL $PPID'
	group b 'echo "ok - two"'
	tested 1 $'ok 1 - [source] b: two\nnot ok 2 - [source] a: did not come to its end\n1..2
# FAILED: [source] a: did not come to its end\n1 passed, 1 failed, 0 skipped'
}

# One is for every day, the other is not.
two_groups() {
	harness
	group a 'echo "ok - one"'
	group b 'echo "ok - two"' "+ source"
}

test_every_day() {
	two_groups
	tested 0 $'ok 1 - [source] a: one\n1..1\n# Only with ALL=1: b source
1 passed, 0 failed, 0 skipped'
}

test_all() {
	two_groups
	tested 0 $'ok 1 - [source] a: one\nok 2 - [source] b: two\n1..2
2 passed, 0 failed, 0 skipped' ALL=1
}

test_asked_for() {
	two_groups
	tested 0 $'ok 1 - [source] b: two\n1..1\n1 passed, 0 failed, 0 skipped' ONLY=b
}

# ---------------------------------------------------------------- coverage

# counted LINES: a file of which one line is not reached, in each of two functions; and so
# many other lines.
counted() {
	mkdir -p "$scratch/counted/kernel/livepatch"
	cd "$scratch/counted" || return
	{
		printf 'int x;\n'
		printf 'static void %s(int a)\n{\n\tif (a)\n\t\tx++;\n}\n' one two
		printf 'int main(int argc,\n\t char **argv)\n{\n'
		seq --format='	x = %g;' "$1"
		printf '\tone(0);\n\ttwo(0);\n\treturn 0;\n}\n'
	} >kernel/livepatch/a.c
	echo kernel/livepatch/a.c >sources
	gcc --coverage -c -o a.o kernel/livepatch/a.c && gcc --coverage -o a a.o && ./a &&
		gcov -b -c -t a.gcno >counts
}

# covered LINES EXPECTED REASON...: what is said with these reasons, but for the figures.
covered() {
	local expected=$2

	counted "$1" || return
	shift 2
	same "$expected" "$(awk -f "$TESTING/coverage/report.awk" sources \
		<(printf 'kernel/livepatch/a.c: %s\n' "$@") counts | sed 's/: [0-9.]* % of.*//')"
}

unreached() {
	covered 60 $'not ok - kernel/livepatch/a.c
# kernel/livepatch/a.c:5: one: x++;\n# kernel/livepatch/a.c:10: two: x++;
ok - each reason is one for a line that is there\n# all files' "none"
}

with_reasons() {
	covered 60 $'ok - kernel/livepatch/a.c
ok - each reason is one for a line that is there\n# all files' "one: x++;" "two: x++;"
}

# With all the reasons there are.
too_little() {
	covered 5 $'not ok - kernel/livepatch/a.c
ok - each reason is one for a line that is there\n# all files' "one: x++;" "two: x++;"
}

reason_of_another() {
	covered 60 $'not ok - kernel/livepatch/a.c\n# kernel/livepatch/a.c:10: two: x++;
ok - each reason is one for a line that is there\n# all files' "one: x++;"
}

reason_for_nothing() {
	covered 60 $'ok - kernel/livepatch/a.c\nnot ok - each reason is one for a line that is there
# kernel/livepatch/a.c: main: x++;\n# all files' "one: x++;" "two: x++;" "main: x++;"
}

# Not told by itself.
cases || exit 1
ok "case_of: a command that fails is a failed case"
case_of "relay_tap: cases are passed on" relays_all
case_of "relay_tap: what is skipped is not failed" relays_skip
case_of "relay_tap: another number of cases than planned" other_number
case_of "relay_tap: no plan" no_plan
case_of "relay_tap: exit 1 without a failed case" status_without_failure
case_of "relay_tap: exit 0 with a failed case" failure_without_status
if as_root true 2>/dev/null; then
	case_of "klp_run: all is well" klp_passes
	case_of "klp_run: a case that fails" klp_fails
	case_of "klp_run: a command that fails anywhere in a case" klp_fails_within
	case_of "klp_run: what is skipped is not failed" klp_skips
	case_of "klp_run: exit 4 is no skip without a reason" klp_exit_4
	case_of "klp_run: a case that leaves something" klp_leaves_something
	case_of "klp_run: what is deferred is done, the last first" klp_defers
	case_of "klp_run: one that is killed" klp_dies
else
	skip "klp_run" "nobody here can look like root"
fi
case_of "stock: all is well" stock_passes
case_of "stock: a case that fails" stock_fails
case_of "stock: a script that ends early" stock_ends_early
case_of "stock: exit 1 without a failed case" stock_status
case_of "stock: what is skipped is not failed" stock_skips
case_of "stock: no such script" none_there stock stock-selftests
case_of "ours: no such script" none_there ours selftests
case_of "samples: no such ones" no_such_samples
case_of "test.sh: all is well" test_passes
case_of "test.sh: a case that fails" test_fails
case_of "test.sh: a group with a status" test_status
case_of "test.sh: a group without a case" test_nothing
case_of "test.sh: nothing but what is skipped is no success" test_only_skipped
case_of "test.sh: a group that is cut short" test_cut_short
case_of "test.sh: what is not for every day is left out, which is told" test_every_day
case_of "test.sh: ALL=1" test_all
case_of "test.sh: who asks for a group has all of it" test_asked_for
case_of "coverage: a line that is not reached" unreached
case_of "coverage: a line that is not reached, for a reason" with_reasons
case_of "coverage: less than 95 % is too little" too_little
case_of "coverage: a reason is one in its function alone" reason_of_another
case_of "coverage: a reason for nothing" reason_for_nothing
