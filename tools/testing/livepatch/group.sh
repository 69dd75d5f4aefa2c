# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts in groups/ are made with. Each is a group of tests:
#
#   groups/NAME.sh runs              prints the runs it belongs to, behind a + those that
#                                    only ALL=1 has, or who asks for them; of these:
#                                    source     the source trees are there
#                                    build      the same; compiles
#                                    plain      plain kernel, icount
#                                    plain-smp  plain kernel, 2 CPUs
#                                    plain-depth
#                                               plain, with calls that go through
#                                               thunks, which count how deep they are
#                                    debug      debug kernel, 1 CPU
#                                    debug-tasks
#                                               the same; a second guest, so that
#                                               none takes much longer than others
#                                    faults     plain kernel in which allocations can
#                                               fail, that looks for leaks and counts
#                                               lines; 2 CPUs
#                                    busted     the same kernel, tortured: forced, and
#                                               broken on purpose
#                                    ppc64le, ppc64le-smp
#                                               plain and plain-smp on ppc64le
#                                    ppc64le-hash
#                                               the same with the older MMU
#                                    ppc64le-debug
#                                               debug on ppc64le, and can look for leaks
#                                    kcsan      kernel with the race detector,
#                                               2 CPUs; only if asked for
#                                    frames     plain-smp, where stacks are unwound
#                                               by frame pointers; only if asked for
#                                    coverage   after all others, on what faults has
#                                               counted
#   groups/NAME.sh run RUN [CASE]    prints TAP, without numbers or plan; CASE
#                                    is what follows the colon in ONLY=NAME:CASE
#
# The kernel of a run and its modules are built before. Sourced.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$TESTING/flavours.sh"

run_flavour() {
	case $1 in
	source | build) echo none ;;
	plain | plain-smp | plain-depth) echo x86_64-plain ;;
	debug | debug-tasks) echo x86_64-debug ;;
	faults | busted | coverage) echo x86_64-faults ;;
	kcsan) echo x86_64-kcsan ;;
	frames) echo x86_64-frames ;;
	ppc64le | ppc64le-smp | ppc64le-hash) echo ppc64le-plain ;;
	ppc64le-debug) echo ppc64le-debug ;;
	*) die "unknown run '$1'" ;;
	esac
}

# How a run's guest is booted. The time is a limit for one that hangs, not a
# measure: several times what it takes.
guest_options() {
	case $1 in
	plain | ppc64le) echo --mode icount --timeout 2400 ;;
	plain-smp | ppc64le-smp | frames) echo --mode smp --timeout 2400 ;;
	plain-depth) echo --mode up --timeout 2400 --append retbleed=force,stuff ;;
	kcsan) echo --mode smp --timeout 3600 ;;
	faults) echo --mode smp --timeout 3600 --append slub_debug=FZP ;;
	ppc64le-hash) echo --mode up --timeout 2400 --append disable_radix ;;
	debug | debug-tasks | ppc64le-debug)
		# The shorter grace periods are, the earlier a use after free is one. The other
		# kernels have the usual ones.
		echo --mode up --memory 1536 --timeout 3600 --append rcupdate.rcu_expedited=1
		;;
	esac
}

# begin_group RUNS [ARGUMENT...]: what each group does first, with its arguments. RUNS are
# as it prints them.
# Goes on only if it is to run, with RUN in $run and CASE in $only_case.
begin_group() {
	local runs=$1

	if [ "${2-}" = runs ]; then
		echo "$runs"
		exit
	elif [ "${2-}" = run ] && [[ -n ${3-} && " $runs " = *" $3 "* ]]; then
		run=$3
		only_case=${4-}
		return
	fi
	say "usage: ${0##*/} runs
       ${0##*/} run RUN [CASE]
RUN is one of: ${runs/+ /}"
	exit 2
}

# unit_tests_at_boot GROUP RUN: only where somebody looks at what they say, which ours does.
# Not where calls are let fail or instructions are counted: what the core looks up once in a
# boot, and keeps, is to be looked up there by what the guest is for. And of two guests of a
# kernel, in one.
unit_tests_at_boot() {
	case $1-$2 in
	kunit-*) ;;
	ours-plain | ours-plain-depth | ours-faults | ours-ppc64le | ours-ppc64le-hash) return 1 ;;
	ours-debug-tasks) return 1 ;;
	ours-*) ;;
	*) return 1 ;;
	esac
}

# leaks_sought GROUP RUN: to remember who has allocated what takes long under ppc64le's
# KASAN. What allocates is the same code on all architectures, so that with ALL=1 the
# base tree's selftests and the samples are enough there, but for those who ask for this
# kernel.
leaks_sought() {
	case $1-$2 in
	ours-ppc64le-debug) [ -n "${FLAVOUR:-}" ] ;;
	stock-ppc64le-debug) [ -n "${ALL:-}${FLAVOUR:-}" ] ;;
	esac
}

# guest_group NAME RUNS [ARGUMENT...]: the whole of a group whose tests are
# guest/NAME.sh. The guest's own end is a case, too.
guest_group() {
	local name=$1 run only_case flavour output options complaints

	shift
	begin_group "$@"
	complaints=$LOGS/$name-$run.complaints
	flavour=$(run_flavour "$run")
	mapfile -t options < <(guest_options "$run" | tr ' ' '\n')
	unit_tests_at_boot "$name" "$run" || options+=(--append kunit.enable=0)
	leaks_sought "$name" "$run" || options+=(--append kmemleak=off)
	# Room for many threads, and time.
	[ "${STRESS:-1}" = 1 ] || options+=(--memory 4096 --timeout $((3600 * STRESS)))
	# What tests do most is to fork: a shell without libraries has less to copy.
	if output=$("$TESTING/guest.sh" --kernel "$BUILD/$flavour" \
		--files "$BUILD/modules-$flavour-root=/livepatch-tests" \
		--files "$TESTING/guest=/livepatch-tests/guest" \
		--name "$name-$run" "${options[@]}" 2>"$complaints" \
		--run "ln -sf bash-static /usr/bin/bash
			export KLP_STRESS=${STRESS:-1}
			bash /livepatch-tests/guest/$name.sh '$only_case' '$run' '${FLAVOUR:-}'"); then
		echo "$output"
		echo "ok - guest ended well, nothing on its console"
	else
		echo "$output"
		echo "not ok - guest ended well, nothing on its console"
	fi
	sed 's/^/# /' "$complaints"
}
