#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make the constant part of the guest's initramfs, build/image-ARCH.cpio: the
# programs of some Debian packages, the libraries they need and the guest's init.
# What changes with each run is appended by guest.sh.
#
# The packages are fetched from the host's archive and unpacked below build/; the host's
# own package management does not learn of them.

. "$(dirname "$0")/lib.sh"

ARCH=${1:?usage: image.sh ARCH}
IMAGE=$BUILD/image-$ARCH.cpio
STATE=$BUILD/debian-$ARCH/apt
SYSROOT=$BUILD/debian-$ARCH/root
PACKAGES=(bash coreutils findutils diffutils grep sed mawk kmod mount util-linux procps libc-bin
	busybox-static bash-static)
LIBRARY_PACKAGES=(libelf1 zlib1g klibc-utils)
EXTRA_LIBRARIES=(libelf.so.1 libz.so.1)
# Apart from the others, for tests that start them often: to load libraries takes longer than
# what they do where memory is checked. Not busybox's insmod: it tries what has been refused
# again.
KLIBC=/usr/lib/klibc/bin
KLIBC_PROGRAMS=(insmod)
BUSYBOX=/usr/lib/busybox
BUSYBOX_PROGRAMS=(rmmod dmesg grep mkfifo mktemp nproc paste rm rmdir sed sort uname wc)
case $ARCH in
x86_64)
	DEBS=amd64
	TRIPLET=x86_64-linux-gnu
	LOADER=ld-linux-x86-64.so.2
	;;
ppc64le)
	DEBS=ppc64el
	TRIPLET=powerpc64le-linux-gnu
	LOADER=ld64.so.2
	;;
*) die "no guest image for '$ARCH'" ;;
esac
LIBRARY_DIRS=("$SYSROOT/lib/$TRIPLET" "$SYSROOT/usr/lib/$TRIPLET")

# The names of shared libraries that the given files ask for (scripts ask for none).
needed_by() {
	{ readelf -d "$@" 2>/dev/null || true; } | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u
}

find_library() {
	local dir

	for dir in "${LIBRARY_DIRS[@]}"; do
		if [ -e "$dir/$1" ]; then
			echo "$dir/$1"
			return
		fi
	done
	die "no library $1 in ${LIBRARY_DIRS[*]}"
}

# Fetch PACKAGES and what they depend on, with lists and caches of their own, as if
# nothing were installed.
fetch_packages() {
	local deb
	local options=(-o "APT::Architecture=$DEBS" -o "APT::Architectures=$DEBS"
		-o "Dir::State=$STATE" -o "Dir::State::Lists=$STATE/lists"
		-o "Dir::State::status=$STATE/status" -o "Dir::Cache=$STATE/cache"
		-o APT::Install-Recommends=false -o Debug::NoLocking=true
		-o APT::Sandbox::User=)

	rm -rf "$STATE" "$SYSROOT"
	mkdir -p "$STATE"/{lists,cache/archives}/partial "$SYSROOT"
	: >"$STATE/status"
	# A list that cannot be had, of updates say, is no matter if the packages can.
	apt-get "${options[@]}" update || :
	apt-get "${options[@]}" --yes --download-only install \
		"${PACKAGES[@]}" "${LIBRARY_PACKAGES[@]}"
	for deb in "$STATE"/cache/archives/*.deb; do
		dpkg-deb -x "$deb" "$SYSROOT"
	done
}

# What the packages have in the directories of programs.
list_programs() {
	local package

	for package in "${PACKAGES[@]}"; do
		dpkg-deb --fsys-tarfile "$STATE/cache/archives/${package}_"*.deb | tar -t
	done | sed -n 's/^\.\(\(\/usr\)\?\/s\?bin\/.\)/\1/p'
}

copy_programs() {
	local root=$1 path program

	list_programs | while read -r path; do
		case $path in
		/usr/*) cp -P "$SYSROOT$path" "$root$path" ;;
		*) cp -P "$SYSROOT$path" "$root/usr$path" ;;
		esac
	done
	# Links that Debian makes through its alternatives system
	ln -sf mawk "$root/usr/bin/awk"
	ln -sf bash "$root/usr/bin/sh"

	mkdir -p "$root"{"$KLIBC","$BUSYBOX"}
	cp "${KLIBC_PROGRAMS[@]/#/$SYSROOT$KLIBC/}" "$root$KLIBC/"
	cp "$SYSROOT"/lib/klibc-*.so "$root/usr/lib/"
	for program in "${BUSYBOX_PROGRAMS[@]}"; do
		ln -s /usr/bin/busybox "$root$BUSYBOX/$program"
	done
}

copy_libraries() {
	local root=$1 found=0 name names

	cp "$(find_library "$LOADER")" "$root/usr/lib64/"
	for name in "${EXTRA_LIBRARIES[@]}"; do
		cp "$(find_library "$name")" "$root/usr/lib/"
	done
	# Libraries need libraries: until a round finds no new one.
	until [ "$found" = "$(find "$root/usr" -type f | wc -l)" ]; do
		found=$(find "$root/usr" -type f | wc -l)
		names=$(needed_by "$root"/usr/bin/* "$root"/usr/sbin/* "$root"/usr/lib/*)
		for name in $names; do
			[ -e "$root/usr/lib/$name" ] ||
				cp "$(find_library "$name")" "$root/usr/lib/"
		done
	done
}

make_image() (
	root=$(mktemp -d)
	trap 'rm -rf "$root"' EXIT
	mkdir -p "$root"/{proc,sys,dev,tmp,root,etc,job,run} "$root"/usr/{bin,sbin,lib,lib64}
	for dir in bin sbin lib lib64; do
		ln -s "usr/$dir" "$root/$dir"
	done
	copy_programs "$root"
	copy_libraries "$root"
	install -m 755 "$TESTING/guest/init" "$root/init"
	echo "root:x:0:0:root:/root:/bin/bash" >"$root/etc/passwd"
	echo "root:x:0:" >"$root/etc/group"
	archive_tree "$root" >"$IMAGE.new"
	mv "$IMAGE.new" "$IMAGE"
)

locked "image-$ARCH"
stamp=$(cat "$0" "$TESTING/guest/init" | sha256sum)
if [ ! -f "$IMAGE" ] || [ "$stamp" != "$(cat "$IMAGE.stamp" 2>/dev/null)" ]; then
	step "fetch the guest's packages, $ARCH" fetch_packages
	step "guest image $ARCH" make_image
	echo "$stamp" >"$IMAGE.stamp"
fi
