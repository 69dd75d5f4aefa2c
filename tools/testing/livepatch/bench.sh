#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What live patching costs.
#
#   bench.sh		the stock core and ours, side by side: a table, plots,
#			bench/results.json, and how far that is from the run before; fails
#			if a target is not met that has to be
#   bench.sh check	ours alone, against bench/reference.json: fails if a figure is
#			worse by more than 2 %, or than its target
#
# In the environment:
#   ARCH=x86_64|powerpc	only this architecture; KVM has no other than the host's
#   UPDATE=1		"check" stores what it measures as the new reference, also what
#			the short selection of "make test" compares with; without "check"
#			the figures of the stock core are stored
#   ACCEL=kvm		with KVM, and a real clock: medians of $RUNS runs
#   ACCEL=host		no guest: measure the kernel that runs, as root, likewise. Its
#			headers have to be installed.

. "$(dirname "$0")/lib.sh"
. "$TESTING/flavours.sh"

REPORT=$TESTING/bench/report.py
RESULTS=$REPO/bench/results.json
REFERENCE=$REPO/bench/reference.json
BEFORE=$LOGS/bench-results.before.json
RUNS=${RUNS:-5}
ACCEL=${ACCEL:-tcg}
UPDATE=${UPDATE:-}
export ACCEL RUNS

# What takes a bearable time where nothing is skipped.
SECTIONS_OF_HOST="fork calls:1,100 functions:1,100 tasks:1,10,1000 complete relocations"

# What the core consists of, and what it changes elsewhere. Not every kernel has them all.
CORE_OBJECTS=(kernel/livepatch/built-in.a kernel/module/livepatch.o
	arch/{x86,powerpc}/kernel/livepatch.o arch/powerpc/kernel/trace/livepatch_entry.o)
mapfile -t CHANGED_OBJECTS < <(sed -n -E 's,^--- a/((arch|fs|kernel|lib)/.*)\.[cS]$,\1.o,p' \
	"$REPO"/patches/linux-6.12/*.patch | sort -u)

case ${ARCH:-},$ACCEL in
,kvm) archs=("$(uname -m)") ;;
,*) archs=(x86_64 ppc64le) ;;
powerpc,*) archs=(ppc64le) ;;
*) archs=("$ARCH") ;;
esac
[ "$ACCEL" != kvm ] || [ "${archs[*]}" = "$(uname -m)" ] || die "no KVM for $ARCH on this machine"

measured() {
	echo "$LOGS/bench-$1.measured"
}

# text_size FLAVOUR NAME OBJECT...: what only the files that were built tell, in bytes.
text_size() {
	local flavour=$1 name=$2 object objects=()

	shift 2
	for object; do
		[ ! -e "$BUILD/$flavour/$object" ] || objects+=("$BUILD/$flavour/$object")
	done
	"$(arch_tools "$(flavour_arch "$flavour")")size" -t "${objects[@]}" |
		awk -v name="$name" '/TOTALS/ { print name, $1 }'
}

build() {
	"$TESTING/setup.sh" "$@"
}

# measure FLAVOUR full|short
measure() {
	local out

	out=$(measured "$1-$2")
	"$TESTING/bench/kernel.sh" "$1" "$2" >"$out.new"
	if [ "$2" = full ]; then
		text_size "$1" text "${CORE_OBJECTS[@]}" >>"$out.new"
		text_size "$1" text.changed "${CHANGED_OBJECTS[@]}" >>"$out.new"
	fi
	mv "$out.new" "$out"
}

# measure_all KIND FLAVOUR...: two at a time, since each guest has one processor.
measure_all() {
	local kind=$1 flavour running=0

	shift
	for flavour; do
		if [ "$running" = "${GUESTS:-2}" ]; then
			wait -n
			running=$((running - 1))
		fi
		step "measure $flavour, $kind" measure "$flavour" "$kind" &
		running=$((running + 1))
	done
	for (( ; running > 0; running--)); do
		wait -n
	done
}

compare() {
	local arch flavours=() files=() status=0

	for arch in "${archs[@]}"; do
		flavours+=("$arch-stock" "$arch-plain")
		files+=("$arch:stock:$(measured "$arch-stock-full")"
			"$arch:ours:$(measured "$arch-plain-full")")
	done
	build "${flavours[@]}"
	measure_all full "${flavours[@]}"
	[ ! -e "$RESULTS" ] || mv "$RESULTS" "$BEFORE"
	python3 "$REPORT" results "$RESULTS" "${files[@]}"
	python3 "$REPORT" plots "$RESULTS" "$REPO/bench"
	python3 "$REPORT" table "$RESULTS" || status=$?
	python3 "$REPORT" outlook "$RESULTS"
	# After a change of the core it is expected that some differ.
	[ ! -e "$BEFORE" ] || python3 "$REPORT" repeated "$RESULTS" "$BEFORE" || true
	for arch in ${UPDATE:+"${archs[@]}"}; do
		python3 "$REPORT" update "$REFERENCE" "$arch-stock" "$(measured "$arch-stock-full")"
	done
	return $status
}

check() {
	local arch kind flavours=() kinds=(full) status=0 command=check

	[ -z "$UPDATE" ] || { kinds+=(short); command=update; }
	for arch in "${archs[@]}"; do
		flavours+=("$arch-plain")
	done
	build "${flavours[@]}"
	for kind in "${kinds[@]}"; do
		measure_all "$kind" "${flavours[@]}"
		for arch in "${archs[@]}"; do
			python3 "$REPORT" $command "$REFERENCE" "$arch-$kind" \
				"$(measured "$arch-plain-$kind")" || status=1
		done
	done
	return $status
}

# The kernel that runs, whichever it is.
measure_host() {
	local modules=$BUILD/bench-host kernel sections

	[ "$(id -u)" = 0 ] || die "only root can load the modules"
	[ -d /sys/kernel/livepatch ] || die "this kernel has no live patching"
	kernel=/lib/modules/$(uname -r)/build
	[ -d "$kernel" ] || die "no headers of this kernel, $kernel"
	mkdir -p "$modules"
	rsync -a "$REPO/lib/livepatch/bench/" "$modules/"
	step "build modules for $(uname -r)" make -C "$kernel" M="$modules" \
		CONFIG_TEST_LIVEPATCH=m KBUILD_MODPOST_WARN=1 modules
	if ! [ -e "$kernel/symbols.klp" ]; then
		say "without livepatch relocations, for which the headers need symbols.klp"
		SECTIONS_OF_HOST=${SECTIONS_OF_HOST/relocations/}
	fi
	mkdir -p "$LOGS"
	read -ra sections <<<"$SECTIONS_OF_HOST"
	bash "$TESTING/bench/repeat.sh" "$RUNS" "$modules" "${sections[@]}" >"$(measured host)"
	python3 "$REPORT" results "$RESULTS" "$(uname -m):ours:$(measured host)"
	python3 "$REPORT" table "$RESULTS"
}

mkdir -p "$REPO/bench"
case ${1:-compare},$ACCEL in
compare,host) measure_host ;;
compare,*) compare ;;
check,tcg) check ;;
check,*) die "only what instructions are counted for can be held to 2 %" ;;
*) die "usage: bench.sh [check]" ;;
esac
