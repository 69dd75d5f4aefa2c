# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts in groups/ are made with. Each is a group of tests:
#
#   groups/NAME.sh runs              prints the runs it belongs to, of these:
#                                    source     the source trees are there
#                                    build      the same; compiles
#                                    plain      plain kernel, icount
#                                    plain-smp  plain kernel, 2 CPUs
#                                    debug      debug kernel, 1 CPU
#                                    ppc64le, ppc64le-smp
#                                               plain and plain-smp on ppc64le
#   groups/NAME.sh run RUN [CASE]    prints TAP, without numbers or plan; CASE
#                                    is what follows the colon in ONLY=NAME:CASE
#
# The kernel of a run and its modules are built before. Sourced.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$TESTING/flavours.sh"

run_flavour() {
	case $1 in
	source | build) echo none ;;
	plain | plain-smp) echo x86_64-plain ;;
	debug) echo x86_64-debug ;;
	ppc64le | ppc64le-smp) echo ppc64le-plain ;;
	*) die "unknown run '$1'" ;;
	esac
}

# How a group's guest is booted. The time is a limit for one that hangs, not a
# measure: several times what it takes. Under KASAN and lockdep our many tests do
# without kmemleak, which would make them take twice as long; the others have it.
guest_options() {
	local run=$1 group=${2-}

	case $run in
	plain | ppc64le) echo --mode icount --timeout 900 ;;
	plain-smp | ppc64le-smp) echo --mode smp --timeout 1200 ;;
	debug)
		echo --mode up --memory 1536 --timeout 2400
		[ "$group" != ours ] || echo --append kmemleak=off
		;;
	esac
}

# guest_group NAME RUNS run RUN [CASE]: the whole of a group whose tests are
# guest/NAME.sh. The guest's own end is a case, too.
guest_group() {
	local name=$1 runs=$2 run=${4-} case=${5-} flavour output options

	if [ "$3" = runs ]; then
		echo "$runs"
		return
	fi
	flavour=$(run_flavour "$run")
	mapfile -t options < <(guest_options "$run" "$name" | tr ' ' '\n')
	if output=$("$TESTING/guest.sh" --kernel "$BUILD/$flavour" \
		--files "$BUILD/modules-$flavour-root=/lib/livepatch-tests" \
		--files "$TESTING/guest=/lib/livepatch-tests/guest" \
		--name "$name-$run" "${options[@]}" \
		--run "bash /lib/livepatch-tests/guest/$name.sh '$case' '$run'" 2> >(sed 's/^/# /')); then
		echo "$output"
		echo "ok - guest ended well, nothing on its console"
	else
		echo "$output"
		echo "not ok - guest ended well, nothing on its console"
	fi
}
