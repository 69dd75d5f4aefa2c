#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make the source trees that kernels are built from:
#
#   build/pristine   the base tree, unchanged: the Debian package's, or a copy
#                    of KSRC=/another/6.12.y/tree, without what this project
#                    has applied to it and what has been built in it
#   build/linux      the same with this subsystem in it

. "$(dirname "$0")/lib.sh"

TARBALL=/usr/src/linux-source-6.12.tar.xz
KSRC=${KSRC:-}

# What build/pristine was made from. Another tree is not looked through for
# changes each time: give it another name, or run "make clean".
base_identity() {
	if [ -n "$KSRC" ]; then
		echo "tree $KSRC"
	else
		echo "package $(dpkg-query -W -f '${Version}' linux-source-6.12)"
	fi
}

unpack() {
	rm -rf "$PRISTINE.new" "$PRISTINE"
	mkdir -p "$PRISTINE.new"
	if [ -n "$KSRC" ]; then
		rsync -a --exclude=.git "$KSRC/" "$PRISTINE.new/"
		"$TESTING/apply.sh" --undo "$PRISTINE.new"
		make -s -C "$PRISTINE.new" mrproper
	else
		tar -xf "$TARBALL" -C "$PRISTINE.new" --strip-components=1
	fi
	mv "$PRISTINE.new" "$PRISTINE"
}

copy_base() {
	rm -rf "$LINUX.new" "$LINUX"
	cp -a --reflink=auto "$PRISTINE" "$LINUX.new"
	mv "$LINUX.new" "$LINUX"
}

locked base
if [ -n "$KSRC" ]; then
	KSRC=$(cd "$KSRC" && pwd) || die "no tree KSRC=$KSRC"
fi
identity=$(base_identity)
if [ ! -d "$PRISTINE" ] || [ "$identity" != "$(cat "$BUILD/.pristine-stamp" 2>/dev/null)" ]; then
	rm -f "$BUILD/.pristine-stamp" "$BUILD/.linux-stamp"
	step "unpack the base tree, $identity" unpack
	echo "$identity" >"$BUILD/.pristine-stamp"
fi
if [ ! -d "$LINUX" ] || [ "$identity" != "$(cat "$BUILD/.linux-stamp" 2>/dev/null)" ]; then
	rm -f "$BUILD/.linux-stamp"
	step "copy it for our kernel" copy_base
	echo "$identity" >"$BUILD/.linux-stamp"
fi
"$TESTING/apply.sh" "$LINUX"
