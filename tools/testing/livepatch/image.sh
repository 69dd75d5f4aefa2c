#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make the constant part of the guest's initramfs, build/image-ARCH.cpio: the
# programs of some installed Debian packages, the libraries they need and the
# guest's init. What changes with each run is appended by guest.sh.

. "$(dirname "$0")/lib.sh"

ARCH=${1:?usage: image.sh ARCH}
IMAGE=$BUILD/image-$ARCH.cpio
PACKAGES=(bash coreutils findutils diffutils grep sed mawk kmod mount util-linux procps libc-bin)
LIBRARY_DIRS=(/lib64 /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu)
EXTRA_LIBRARIES=(libelf.so.1 libz.so.1)

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

copy_programs() {
	local root=$1 path

	dpkg -L "${PACKAGES[@]}" | grep -E '^(/usr)?/s?bin/.' | while read -r path; do
		case $path in
		/usr/*) cp -P "$path" "$root$path" ;;
		*) cp -P "$path" "$root/usr$path" ;;
		esac
	done
	# Links that Debian makes through its alternatives system
	ln -sf mawk "$root/usr/bin/awk"
	ln -sf bash "$root/usr/bin/sh"
}

copy_libraries() {
	local root=$1 found=0 name names

	cp "$(find_library ld-linux-x86-64.so.2)" "$root/usr/lib64/"
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

[ "$ARCH" = x86_64 ] || die "no guest image for '$ARCH'"
locked "image-$ARCH"
stamp=$({
	cat "$0" "$TESTING/guest/init"
	dpkg-query -W -f '${Package} ${Version}\n' "${PACKAGES[@]}"
} | sha256sum)
if [ ! -f "$IMAGE" ] || [ "$stamp" != "$(cat "$IMAGE.stamp" 2>/dev/null)" ]; then
	step "guest image $ARCH" make_image
	echo "$stamp" >"$IMAGE.stamp"
fi
