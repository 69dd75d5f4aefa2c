#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boot a kernel in QEMU, run something in it, tell whether all was well.

. "$(dirname "$0")/lib.sh"
. "$TESTING/flavours.sh"
. "$TESTING/console.sh"

usage() {
	cat <<'END'
Usage: guest.sh [OPTION]... --run COMMAND | --shell

  --kernel DIR       kernel build directory (default: build/x86_64-plain); its name
                     begins with the architecture
  --files DIR[=PATH] put the contents of DIR into the guest at PATH, not below a link
                     (default: /root, where the command runs); repeatable
  --run COMMAND      bash command line; its standard output is the result
  --live             show its standard output as it comes
  --shell            an interactive shell instead; --run may hold a greeting
  --mode MODE        icount: 1 CPU, one guest instruction is one nanosecond,
                     runs repeat exactly (default)
                     up, smp: 1 CPU, 2 CPUs; time as it passes
  --cpus N           in mode smp, another number of them
  --memory MIB       default: 1024
  --timeout SECONDS  of real time (default: 300)
  --append TEXT      more kernel arguments; repeatable
  --name NAME        of the logs, build/logs/NAME.console and NAME.tap; and of
                     NAME.gcda, from a kernel that counts which lines run

Standard output of the command is printed, after the guest has ended. Exit
status 0: the command ended with 0, the guest powered off in time, and its
console holds no report of a kernel defect.

ACCEL=kvm in the environment uses KVM instead of emulation.
END
	exit "$1"
}

kernel=$BUILD/x86_64-plain
mode=icount
cpus=2
memory=1024
timeout=300
append=
name=guest
command=
shell=
live=
files=()
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernel=$2 ;;
	--files) files+=("$2") ;;
	--run) command=$2 ;;
	--mode) mode=$2 ;;
	--cpus) cpus=$2 ;;
	--memory) memory=$2 ;;
	--timeout) timeout=$2 ;;
	--append) append+=" $2" ;;
	--name) name=$2 ;;
	--shell) shell=yes && set -- - "$@" ;;
	--live) live=yes && set -- - "$@" ;;
	-h | --help) usage 0 ;;
	*) usage 2 >&2 ;;
	esac
	shift 2 || usage 2 >&2
done
[ -n "$command$shell" ] || usage 2 >&2

console=$LOGS/$name.console
tap=$LOGS/$name.tap
gcda=$LOGS/$name.gcda
scratch=$(mktemp -d)
qemu_pid=
cleanup() {
	[ -z "$qemu_pid" ] || kill "$qemu_pid" 2>/dev/null || true
	rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The initramfs: the constant image, and after it an archive with this run's
# files. The kernel unpacks one after the other.
make_initramfs() {
	local item path

	mkdir -p "$scratch/root/job"
	printf '%s\n' "$command" >"$scratch/root/job/run"
	[ -z "$shell" ] || touch "$scratch/root/job/interactive"
	for item in "${files[@]}"; do
		path=/root
		[[ $item != *=* ]] || path=${item#*=}
		mkdir -p "$scratch/root$path"
		cp -rL "${item%%=*}/." "$scratch/root$path/"
	done
	cp "$BUILD/image-$arch.cpio" "$scratch/initramfs"
	archive_tree "$scratch/root" >>"$scratch/initramfs"
}

qemu_arguments() {
	local console_port=ttyS0 accel=${ACCEL:-tcg}
	local arguments=(-m "$memory" -nodefaults -no-reboot -display none
		-monitor none -nic none -kernel "$kernel/vmlinux"
		-initrd "$scratch/initramfs")

	# Emulation with a thread for each CPU corrupts guests that rewrite
	# their own code.
	[ "$accel" = kvm ] || accel="tcg,thread=single"
	arguments+=(-accel "$accel")
	case $arch in
	x86_64)
		if [ "$accel" = kvm ]; then
			arguments+=(-cpu host)
		else
			arguments+=(-cpu max)
		fi
		;;
	ppc64le)
		console_port=hvc0
		append+=" klp.port=/dev/hvc1"
		# No firmware, which would take longer than the kernel, and none
		# of what the emulator lacks and complains of.
		arguments+=(-M "pseries,x-vof=on"
			-machine "cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken"
			-machine cap-ccf-assist=off)
		;;
	esac
	arguments+=(-append "console=$console_port panic=-1 loglevel=5 norandmaps $append")
	case $mode in
	icount)
		arguments+=(-smp 1)
		[ "$accel" = kvm ] || arguments+=(-icount "shift=0,sleep=off"
			-rtc "base=2026-01-01T00:00:00,clock=vm" -seed 1)
		;;
	up) arguments+=(-smp 1) ;;
	smp) arguments+=(-smp "$cpus") ;;
	*) die "unknown mode '$mode'" ;;
	esac
	if [ -n "$shell" ]; then
		arguments+=(-serial mon:stdio)
	else
		arguments+=(-serial "file:$console" -serial "file:$tap")
	fi
	printf '%s\0' "${arguments[@]}"
}

# Not a pipe and not a child that waits: a guest that hangs must not keep
# anything else waiting for longer than its time.
run_job() {
	: >"$console"
	: >"$tap"
	rm -f "$gcda"
	timeout "$timeout" "$QEMU" "${qemu[@]}" </dev/null &
	qemu_pid=$!
	if [ -n "$live" ]; then
		tail -f --pid="$qemu_pid" -s 0.1 "$tap" | sed -u '/^#gcda /d; /^# end of job, status /d'
	fi
	status=0
	wait "$qemu_pid" || status=$?
	qemu_pid=
}

fail() {
	say "$name: $*; console: $console"
	exit 1
}

# What init passes on beside the job's output.
take_coverage() {
	grep -q '^#gcda ' "$tap" || return 0
	sed -n 's/^#gcda //p' "$tap" >"$gcda"
	sed -i '/^#gcda /d' "$tap"
}

judge() {
	local end defects

	end=$(tail -n 1 "$tap")
	take_coverage
	[ -n "$live" ] || sed -z 's/\n# end of job, status [0-9]*\n$//' "$tap"
	if defects=$(defects_of "$(our_functions "$kernel")" <"$console"); then
		head -n 5 <<<"$defects" >&2
		fail "the kernel reported a defect"
	fi
	[ "$status" != 124 ] || fail "the guest did not end within $timeout s"
	[ "$status" = 0 ] || fail "QEMU ended with status $status"
	[[ $end = "# end of job, status "* ]] || fail "the guest ended before its job did"
	[ "$end" = "# end of job, status 0" ] || fail "the job failed: ${end##*, }"
}

[ -f "$kernel/vmlinux" ] || die "no kernel in $kernel"
mkdir -p "$LOGS"
arch=$(flavour_arch "$(basename "$kernel")")
QEMU=qemu-system-${arch%le}
"$TESTING/image.sh" "$arch"
make_initramfs
mapfile -d '' qemu < <(qemu_arguments)
if [ -n "$shell" ]; then
	exec "$QEMU" "${qemu[@]}"
fi
run_job
judge
