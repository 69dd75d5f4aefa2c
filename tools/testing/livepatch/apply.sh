#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Put this subsystem into a Linux 6.12.y source tree, or take it out again:
#
#   apply.sh TREE          apply.sh --undo TREE
#
# What the tree shall hold is worked out in full, aside, before the first byte
# of it is written: our files, the base tree's files with the series applied,
# and the files that have to go. Only what differs is then written, so that
# doing it again changes nothing and a build stays incremental.
#
# TREE/.livepatch-applied remembers the way back:
#   original/PATH   each file that was replaced, patched or removed
#   added           the files that were not there before
#   installed       checksums of what was written, to notice later changes
# It is complete before the tree changes: an interrupted run can be repeated
# or undone.

. "$(dirname "$0")/lib.sh"

SERIES=$REPO/patches/linux-6.12

# What of this repository has its place in a kernel tree, at the same path.
mirrored=()
for dir in arch include kernel lib samples Documentation \
	tools/livepatch tools/testing/selftests/livepatch; do
	[ ! -d "$REPO/$dir" ] || mirrored+=("$dir")
done

usage() {
	die "usage: apply.sh [--undo] TREE"
}

undo=
if [ "${1-}" = --undo ]; then
	undo=yes
	shift
fi
if [ $# != 1 ] || [ -z "$1" ]; then
	usage
fi
[ -d "$1" ] || die "$1 is no directory"
TREE=$(cd "$1" && pwd)
STATE=$TREE/.livepatch-applied

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
WANTED=$scratch/wanted
mkdir "$WANTED"

check_tree() {
	local version patchlevel

	version=$(sed -n 's/^VERSION = //p' "$TREE/Makefile" 2>/dev/null) || true
	patchlevel=$(sed -n 's/^PATCHLEVEL = //p' "$TREE/Makefile" 2>/dev/null) || true
	[ "$version.$patchlevel" = 6.12 ] || die "$TREE is not a Linux 6.12.y source tree"
	[ -w "$TREE" ] || die "$TREE is not writable"
	[ -f "$SERIES/series" ] || die "no $SERIES/series"
}

# Source files below the given directories: not what a build or an editor
# leaves beside them.
source_files() {
	find "$@" -type f ! -name '*.o' ! -name '*.a' ! -name '*.ko' ! -name '*.mod' \
		! -name '*.mod.c' ! -name '.*.cmd' ! -name '.*.d' ! -name modules.order \
		! -name Module.symvers ! -name '*klp_*_list.h' \
		! -name '*~' ! -name '.*.sw?' ! -name '*.orig' ! -name '*.rej' | sort
}

# The directories of ours that replace the tree's as a whole.
replaced_directories() {
	(cd "$REPO" && find "${mirrored[@]}" -type d -name livepatch -prune | sort)
}

patch_names() {
	sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$SERIES/series"
}

# The files that a patch touches, by either of its names for them.
files_in_patch() {
	sed -n -E 's/^(---|\+\+\+) [ab]\/([^\t]*).*/\2/p' "$1" | sort -u
}

# original_of PATH: where the file is that the stock tree had there, if any.
original_of() {
	if [ -e "$STATE/original/$1" ]; then
		echo "$STATE/original/$1"
	elif [ -e "$TREE/$1" ] && [ -z "${was_added[$1]-}" ]; then
		echo "$TREE/$1"
	fi
}

declare -A was_added was_installed wanted ours
read_state() {
	local path sum

	[ -d "$STATE" ] || return 0
	[ -e "$STATE/added" ] || return 0
	while read -r path; do
		was_added[$path]=1
	done <"$STATE/added"
	[ -e "$STATE/installed" ] || return 0
	while read -r sum path; do
		was_installed[$path]=$sum
	done <"$STATE/installed"
}

stage_our_files() {
	local path

	(cd "$REPO" && source_files "${mirrored[@]}") >"$scratch/ours"
	(cd "$REPO" && xargs -d '\n' cp --parents --preserve=mode -t "$WANTED") <"$scratch/ours"
	while read -r path; do
		ours[$path]=1
		wanted[$path]=1
	done <"$scratch/ours"
}

stage_patched_files() {
	local name path original output

	while read -r name; do
		[ -f "$SERIES/$name" ] || die "no patch $SERIES/$name, named in the series"
		while read -r path; do
			[ -z "${ours[$path]-}" ] ||
				die "$name changes $path, which is replaced as a whole"
			[ -z "${wanted[$path]-}" ] || continue
			wanted[$path]=1
			original=$(original_of "$path")
			[ -n "$original" ] || continue
			mkdir -p "$WANTED/$(dirname "$path")"
			cp --preserve=mode "$original" "$WANTED/$path"
		done < <(files_in_patch "$SERIES/$name")
		# No fuzz: a hunk that finds its place only by ignoring what is
		# around it might do anything.
		if ! output=$(patch -d "$WANTED" -p1 --fuzz=0 --force --no-backup-if-mismatch \
			--reject-file=- <"$SERIES/$name" 2>&1); then
			# The names of files only where something is said of them.
			awk '/^patching file/ { file = $0; next }
				file { print file; file = "" } { print }' <<<"$output" >&2
			die "$name does not apply to $TREE; nothing was changed"
		fi
	done < <(patch_names)
}

stage_removals() {
	local dir path

	while read -r dir; do
		while read -r path; do
			[ -n "${was_added[$path]-}" ] || wanted[$path]=1
		done < <(files_of "$TREE" "$dir"; files_of "$STATE/original" "$dir")
	done < <(replaced_directories)
}

# files_of ROOT DIR: the source files of ROOT/DIR, if there is such a directory.
files_of() {
	[ ! -d "$1/$2" ] || (cd "$1" && source_files "$2")
}

# same A B: both absent, or the same contents and both executable or both not.
same() {
	[ -e "$1" ] || { [ ! -e "$2" ]; return; }
	[ -e "$2" ] || return
	if [ -x "$1" ]; then
		[ -x "$2" ] || return
	else
		[ ! -x "$2" ] || return
	fi
	cmp -s "$1" "$2"
}

# A file that somebody changed after it was installed is not ours to lose.
check_untouched() {
	local path sum changed=()

	while read -r sum path; do
		if [ "$sum" != "${was_installed[$path]}" ] &&
			! same "$TREE/$path" "$WANTED/$path" &&
			! same "$TREE/$path" "$STATE/original/$path"; then
			changed+=("$path")
		fi
	done < <(cd "$TREE" && for path in "${!was_installed[@]}"; do
		[ ! -e "$path" ] || printf '%s\0' "$path"
	done | xargs -0 -r sha256sum)
	[ ${#changed[@]} = 0 ] && return
	say "changed in $TREE since it was applied:"
	printf '  %s\n' "${changed[@]}" >&2
	die "move these changes elsewhere, or remove the files; nothing was changed"
}

# remove_file PATH: also the directories that are empty without it.
remove_file() {
	local dir

	rm -f "$TREE/$1"
	dir=$(dirname "$1")
	while [ "$dir" != . ] && rmdir "$TREE/$dir" 2>/dev/null; do
		dir=$(dirname "$dir")
	done
}

# put_file SOURCE PATH: whole or not at all, and newer than what was built
# from the file before.
put_file() {
	mkdir -p "${2%/*}"
	cp --preserve=mode "$1" "$2.livepatch-new"
	mv "$2.livepatch-new" "$2"
}

remember_originals() {
	local path

	mkdir -p "$STATE/original"
	for path in "${!wanted[@]}"; do
		if [ -n "${was_added[$path]-}" ] || [ -e "$STATE/original/$path" ]; then
			continue
		elif [ -e "$TREE/$path" ]; then
			put_file "$TREE/$path" "$STATE/original/$path"
		else
			was_added[$path]=1
		fi
	done
	printf '%s\n' "${!was_added[@]}" | write_list added
}

restore() {
	if [ -e "$STATE/original/$1" ]; then
		same "$TREE/$1" "$STATE/original/$1" || put_file "$STATE/original/$1" "$TREE/$1"
	else
		remove_file "$1"
	fi
}

# Files that an earlier run wrote and that nothing asks for any more.
unwanted_files() {
	local path

	{
		[ ${#was_added[@]} = 0 ] || printf '%s\n' "${!was_added[@]}"
		(cd "$STATE/original" && find . -type f -printf '%P\n')
	} | while read -r path; do
		[ -n "${wanted[$path]-}" ] || echo "$path"
	done
}

install_wanted() {
	local path

	for path in "${!wanted[@]}"; do
		same "$WANTED/$path" "$TREE/$path" && continue
		if [ -e "$WANTED/$path" ]; then
			put_file "$WANTED/$path" "$TREE/$path"
		else
			remove_file "$path"
		fi
	done
}

write_list() {
	sed '/^$/d' | sort >"$scratch/list"
	cmp -s "$scratch/list" "$STATE/$1" || put_file "$scratch/list" "$STATE/$1"
}

apply() {
	local path

	stage_our_files
	stage_patched_files
	stage_removals
	check_untouched

	remember_originals
	(cd "$WANTED" && find . -type f -printf '%P\0' | xargs -0 sha256sum) |
		write_list installed
	unwanted_files >"$scratch/unwanted"
	while read -r path; do
		restore "$path"
	done <"$scratch/unwanted"
	install_wanted
	# Only now is the way back shorter than before.
	while read -r path; do
		unset "was_added[$path]"
		rm -f "$STATE/original/$path"
	done <"$scratch/unwanted"
	printf '%s\n' "${!was_added[@]}" | write_list added
}

unapply() {
	local path

	check_untouched
	unwanted_files >"$scratch/unwanted"
	while read -r path; do
		restore "$path"
	done <"$scratch/unwanted"
	rm -r "$STATE"
}

check_tree
exec {tree_lock}<"$TREE"
flock "$tree_lock"
read_state
if [ -z "$undo" ]; then
	apply
elif [ -d "$STATE" ]; then
	unapply
else
	say "$TREE: nothing is applied"
fi
