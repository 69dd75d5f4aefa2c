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
#   installed       checksums of what was written, to notice later changes; of a file that
#                   is about to be written, both
#   partial         what is being written
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
	local version patchlevel tool

	version=$(sed -n 's/^VERSION = //p' "$TREE/Makefile" 2>/dev/null) || true
	patchlevel=$(sed -n 's/^PATCHLEVEL = //p' "$TREE/Makefile" 2>/dev/null) || true
	[ "$version.$patchlevel" = 6.12 ] || die "$TREE is not a Linux 6.12.y source tree"
	[ -w "$TREE" ] || die "$TREE is not writable"
	[ -f "$SERIES/series" ] || die "no $SERIES/series"
	for tool in patch rsync; do
		command -v "$tool" >/dev/null || die "$tool is not installed"
	done
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

# The files that patches touch, by either of their names for them: "PATCH PATH" a line.
files_in_patches() {
	(cd "$SERIES" && awk 'sub(/^(---|\+\+\+) [ab]\//, "") { sub(/\t.*/, ""); print FILENAME, $0 }' \
		"$@" </dev/null)
}

declare -A was_added was_installed wanted ours fingerprint
read_state() {
	local path sum

	[ -d "$STATE" ] || return 0
	[ -e "$STATE/added" ] || return 0
	while read -r path; do
		was_added[$path]=1
	done <"$STATE/added"
	[ -e "$STATE/installed" ] || return 0
	while read -r sum path; do
		was_installed[$path]+=" $sum "
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
	local names name path output

	mapfile -t names < <(patch_names)
	for name in "${names[@]}"; do
		[ -f "$SERIES/$name" ] || die "no patch $SERIES/$name, named in the series"
	done
	while read -r name path; do
		[ -z "${ours[$path]-}" ] || die "$name changes $path, which is replaced as a whole"
		[ -z "${wanted[$path]-}" ] || continue
		wanted[$path]=1
		# Where the file is that the stock tree had there, if any
		if [ -e "$STATE/original/$path" ]; then
			echo "$path" >>"$scratch/replaced"
		elif [ -e "$TREE/$path" ] && [ -z "${was_added[$path]-}" ]; then
			echo "$path" >>"$scratch/untouched"
		fi
	done < <(files_in_patches "${names[@]}")
	put_files "$STATE/original" "$WANTED" replaced
	put_files "$TREE" "$WANTED" untouched
	for name in "${names[@]}"; do
		# No fuzz: a hunk that finds its place only by ignoring what is
		# around it might do anything.
		if ! output=$(patch -d "$WANTED" -p1 --fuzz=0 --force --no-backup-if-mismatch \
			--reject-file=- <"$SERIES/$name" 2>&1); then
			# The names of files only where something is said of them.
			awk '/^patching file/ { file = $0; next }
				file { print file; file = "" } { print }' <<<"$output" >&2
			die "$name does not apply to $TREE; nothing was changed"
		fi
	done
}

stage_removals() {
	local dirs path

	mapfile -t dirs < <(replaced_directories)
	while read -r path; do
		[ -n "${was_added[$path]-}" ] || wanted[$path]=1
	done < <(files_of "$TREE" "${dirs[@]}"; files_of "$STATE/original" "${dirs[@]}")
}

# files_of ROOT DIR...: the source files of those directories that ROOT has.
files_of() {
	local dir dirs=()

	for dir in "${@:2}"; do
		[ ! -d "$1/$dir" ] || dirs+=("$dir")
	done
	[ ${#dirs[@]} = 0 ] || (cd "$1" && source_files "${dirs[@]}")
}

originals() {
	[ ! -d "$STATE/original" ] || find "$STATE/original" -type f -printf '%P\n'
}

# Through links to directories rsync does not write.
check_directories() {
	local path dir
	local -A seen

	while read -r path; do
		dir=$path
		while [[ $dir = */* && -z ${seen[${dir%/*}]-} ]]; do
			dir=${dir%/*}
			seen[$dir]=1
			[ ! -L "$TREE/$dir" ] || die "$TREE/$dir is a symbolic link; nothing was changed"
		done
	done <"$scratch/all"
}

# Of all files that this is about, wherever there is one: programs are started for all of
# them together, because to start one takes longer than to read a file.
take_fingerprints() {
	local root sum path executable

	{
		printf '%s\n' "${!wanted[@]}" "${!was_added[@]}" "${!was_installed[@]}"
		originals
	} | sed '/^$/d' | sort -u >"$scratch/all"
	check_directories
	for root in "$TREE" "$WANTED" "$STATE/original"; do
		[ -d "$root" ] || continue
		# A file that cannot be read must not count as none: not from a process whose end
		# nobody sees.
		(cd "$root" && while read -r path; do
			[ ! -e "$path" ] || printf '%s\0' "$path"
		done <"$scratch/all" | xargs -0 -r sha256sum) >"$scratch/sums"
		while read -r sum path; do
			executable=
			[ ! -x "$root/$path" ] || executable=" executable"
			fingerprint[$root/$path]=$sum$executable
		done <"$scratch/sums"
	done
}

# same A B: when the fingerprints were taken, both were absent, or had the same contents and
# were both executable or both not.
same() {
	[ "${fingerprint[$1]-}" = "${fingerprint[$2]-}" ]
}

# A file that somebody changed after it was installed is not ours to lose.
check_untouched() {
	local path now changed=()

	for path in "${!was_installed[@]}"; do
		now=${fingerprint[$TREE/$path]-}
		if [ -n "$now" ] && [[ ${was_installed[$path]} != *" ${now% executable} "* ]] &&
			! same "$TREE/$path" "$WANTED/$path" &&
			! same "$TREE/$path" "$STATE/original/$path"; then
			changed+=("$path")
		fi
	done
	[ ${#changed[@]} = 0 ] && return
	say "changed in $TREE since it was applied:"
	printf '  %s\n' "${changed[@]}" | sort >&2
	die "move these changes elsewhere, or remove the files; nothing was changed"
}

# put_files FROM TO LIST: those named in $scratch/LIST, each whole or not at all, and newer
# than what was built from the file before. What is half written is not where somebody could
# take it for a file of the tree.
put_files() {
	local options=()

	[ -s "$scratch/$3" ] || return 0
	if [ "$2" != "$WANTED" ]; then
		rm -rf "$STATE/partial"
		mkdir -p "$STATE/partial"
		options=(--temp-dir="$STATE/partial")
	fi
	rsync --files-from="$scratch/$3" --no-implied-dirs --copy-links --perms \
		--ignore-times "${options[@]}" "$1/" "$2/"
}

# remove_files LIST: from the tree; also the directories that are empty without them.
remove_files() {
	[ -s "$scratch/$1" ] || return 0
	(
		cd "$TREE"
		xargs -d '\n' rm -f <"$scratch/$1"
		# Those above come first: none has been removed together with one below it.
		sed -n 's,/[^/]*$,,p' "$scratch/$1" | sort -u | while read -r dir; do
			[ ! -d "$dir" ] || echo "$dir"
		done | xargs -d '\n' -r rmdir -p --ignore-fail-on-non-empty ||
			say "a directory that is empty now is still in $TREE"
	)
}

remember_originals() {
	local path

	mkdir -p "$STATE/original"
	for path in "${!wanted[@]}"; do
		if [ -n "${was_added[$path]-}" ] || [ -n "${fingerprint[$STATE/original/$path]-}" ]; then
			continue
		elif [ -n "${fingerprint[$TREE/$path]-}" ]; then
			echo "$path" >>"$scratch/originals"
		else
			was_added[$path]=1
		fi
	done
	put_files "$TREE" "$STATE/original" originals
	printf '%s\n' "${!was_added[@]}" | write_list added
}

# What is wanted, as sha256sum prints checksums.
wanted_sums() {
	local path now

	for path in "${!wanted[@]}"; do
		now=${fingerprint[$WANTED/$path]-}
		[ -z "$now" ] || printf '%s  %s\n' "${now% executable}" "$path"
	done
}

# Files that an earlier run wrote and that nothing asks for any more.
unwanted_files() {
	local path

	{
		[ ${#was_added[@]} = 0 ] || printf '%s\n' "${!was_added[@]}"
		originals
	} | while read -r path; do
		[ -n "${wanted[$path]-}" ] || echo "$path"
	done
}

# Give back what the stock tree had instead of $scratch/unwanted.
restore_unwanted() {
	local path

	while read -r path; do
		if [ ! -e "$STATE/original/$path" ]; then
			echo "$path" >>"$scratch/added"
		elif ! same "$TREE/$path" "$STATE/original/$path"; then
			echo "$path" >>"$scratch/lost"
		fi
	done <"$scratch/unwanted"
	remove_files added
	put_files "$STATE/original" "$TREE" lost
}

install_wanted() {
	local path

	for path in "${!wanted[@]}"; do
		same "$WANTED/$path" "$TREE/$path" && continue
		if [ -n "${fingerprint[$WANTED/$path]-}" ]; then
			echo "$path" >>"$scratch/new"
		else
			echo "$path" >>"$scratch/superseded"
		fi
	done
	put_files "$WANTED" "$TREE" new
	remove_files superseded
}

write_list() {
	sed '/^$/d' | sort -u >"$scratch/list"
	cmp -s "$scratch/list" "$STATE/$1" && return
	cp "$scratch/list" "$STATE/$1.new"
	mv "$STATE/$1.new" "$STATE/$1"
}

apply() {
	local path

	stage_our_files
	stage_patched_files
	stage_removals
	take_fingerprints
	check_untouched

	remember_originals
	# Until all is written a file may be what it was as well as what it will be.
	{ wanted_sums; cat "$STATE/installed" 2>/dev/null || :; } | write_list installed
	unwanted_files >"$scratch/unwanted"
	restore_unwanted
	install_wanted
	# Only now is the way back shorter than before.
	while read -r path; do
		unset "was_added[$path]"
		rm -f "$STATE/original/$path"
	done <"$scratch/unwanted"
	printf '%s\n' "${!was_added[@]}" | write_list added
	wanted_sums | write_list installed
}

unapply() {
	take_fingerprints
	check_untouched
	unwanted_files >"$scratch/unwanted"
	restore_unwanted
	# If this is interrupted, nothing is left that could still be held against the tree.
	rm -f "$STATE/installed"
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
