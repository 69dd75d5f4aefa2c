#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Putting the subsystem into a tree and taking it out again, on a cut-out of
# the base tree: what is replaced, what is patched, and its Makefile.

. "$(dirname "$0")/../group.sh"

begin_group "+ source" "$@"

. "$(dirname "$0")/../guest/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
OURS=$scratch/ours
TREE=$scratch/tree
STOCK=$scratch/stock
APPLY=$OURS/tools/testing/livepatch/apply.sh
SERIES=$OURS/patches/linux-6.12

# The tests change what is applied: they work on a copy of it.
copy_ours() {
	rsync -a --exclude=/build --exclude=.git "$REPO/" "$OURS/"
}

files_of_series() {
	sed -n -E 's/^(---|\+\+\+) [ab]\/([^\t]*).*/\2/p' "$SERIES"/*.patch
}

copy_stock() {
	local path

	mkdir -p "$STOCK"
	{
		(cd "$OURS" && find . -type f -printf '%P\n' -o -name livepatch -print)
		files_of_series
		echo Makefile
	} | sort -u | while read -r path; do
		[ -e "$PRISTINE/$path" ] || continue
		mkdir -p "$STOCK/$(dirname "$path")"
		cp -a "$PRISTINE/$path" "$STOCK/$(dirname "$path")/"
	done
}

# Everything about a tree that a build could notice.
listing() {
	(cd "$1" && find . -type f -printf '%P %T@ %m\n' | sort &&
		find . -type f -print0 | sort -z | xargs -0 sha256sum)
}

fresh_tree() {
	rm -rf "$TREE"
	cp -a "$STOCK" "$TREE"
}

same_as_stock() {
	diff -r "$STOCK" "$TREE"
}

applies() {
	fresh_tree && "$APPLY" "$TREE"
}

has_our_files() {
	local path

	(cd "$OURS" && find kernel include/linux -type f) | while read -r path; do
		cmp "$OURS/$path" "$TREE/$path" || return
	done
}

# Nothing of the replaced directories' old contents stays.
has_no_stock_core() {
	local dir

	for dir in kernel/livepatch samples/livepatch Documentation/livepatch; do
		diff -rq "$OURS/$dir" "$TREE/$dir" || return
	done
}

# One patch may be for what another has added: they come off in reverse.
has_the_series() {
	local patch

	rm -rf "$scratch/peeled"
	cp -a "$TREE" "$scratch/peeled"
	grep -v '^#' "$SERIES/series" | tac | while read -r patch; do
		patch -d "$scratch/peeled" -p1 --force --reverse <"$SERIES/$patch" || return
	done
}

# unchanged_by COMMAND...: it succeeds, and the tree is byte for byte, and by its times, as before.
unchanged_by() {
	listing "$TREE" >"$scratch/before"
	"$@" || return
	listing "$TREE" >"$scratch/after"
	diff "$scratch/before" "$scratch/after"
}

times_of_files() {
	(cd "$TREE" && find . -name .livepatch-applied -prune -o -type f -printf '%P %T@\n' | sort)
}

copies_only_what_changed() {
	times_of_files >"$scratch/before"
	echo "/* changed */" >>"$OURS/include/linux/livepatch.h"
	"$APPLY" "$TREE" || return
	times_of_files >"$scratch/after"
	diff "$scratch/before" "$scratch/after" | sed -n 's/^> \([^ ]*\).*/\1/p' >"$scratch/changed"
	diff "$scratch/changed" <(echo include/linux/livepatch.h)
}

add_patch() {
	sed 's/^SUBLEVEL = .*/SUBLEVEL = 999/' "$STOCK/Makefile" |
		diff -u --label a/Makefile --label b/Makefile "$STOCK/Makefile" - \
			>"$SERIES/9999-test.patch"
	echo 9999-test.patch >>"$SERIES/series"
}

remove_patch() {
	rm "$SERIES/9999-test.patch"
	sed -i '/9999-test/d' "$SERIES/series"
}

follows_the_series() {
	cp "$TREE/Makefile" "$scratch/Makefile"
	add_patch
	"$APPLY" "$TREE" && grep -q '^SUBLEVEL = 999' "$TREE/Makefile" || return
	remove_patch
	"$APPLY" "$TREE" && cmp "$scratch/Makefile" "$TREE/Makefile"
}

follows_removed_files() {
	touch "$OURS/kernel/livepatch/test-only.c"
	"$APPLY" "$TREE" && [ -e "$TREE/kernel/livepatch/test-only.c" ] || return
	rm "$OURS/kernel/livepatch/test-only.c"
	"$APPLY" "$TREE" && [ ! -e "$TREE/kernel/livepatch/test-only.c" ]
}

undo() {
	"$APPLY" --undo "$TREE" && same_as_stock
}

undo_restores_modes() {
	diff <(cd "$STOCK" && find . -type f -printf '%P %m\n' | sort) \
		<(cd "$TREE" && find . -type f -printf '%P %m\n' | sort)
}

# refuses WORDS... : apply.sh fails, its message has each of the words, and the
# tree is untouched.
refuses() {
	local word

	listing "$TREE" >"$scratch/before"
	if "$APPLY" "${undo_option[@]}" "$TREE" >"$scratch/message" 2>&1; then
		echo "was not refused"
		return 1
	fi
	for word in "$@"; do
		grep -qF -- "$word" "$scratch/message" && continue
		echo "the message does not say '$word':"
		cat "$scratch/message"
		return 1
	done
	listing "$TREE" >"$scratch/after"
	diff "$scratch/before" "$scratch/after"
}

undo_option=()

refuses_conflict() {
	fresh_tree
	add_patch
	sed -i '4s/.*/SUBLEVEL = in conflict/' "$TREE/Makefile"
	refuses 9999-test.patch "Hunk #1" "file Makefile"
}

refuses_conflict_when_applied() {
	fresh_tree && remove_patch && "$APPLY" "$TREE" || return
	add_patch
	sed -i 's/^-SUBLEVEL.*/-SUBLEVEL = another/' "$SERIES/9999-test.patch"
	refuses 9999-test.patch "Hunk #1" "file Makefile" || return
	remove_patch
}

refuses_other_version() {
	fresh_tree
	sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 11/' "$TREE/Makefile"
	refuses "not a Linux 6.12.y source tree"
}

refuses_changed_file() {
	applies || return
	echo "/* somebody's change */" >>"$TREE/include/linux/livepatch.h"
	echo "/* ours */" >>"$OURS/include/linux/livepatch.h"
	refuses include/linux/livepatch.h || return
	undo_option=(--undo)
	refuses include/linux/livepatch.h
}

# An interruption leaves some files written and others not.
undo_after_interruption() {
	applies || return
	cp "$TREE/.livepatch-applied/original/include/linux/livepatch.h" "$TREE/include/linux/"
	rm "$TREE/kernel/livepatch/Makefile"
	undo
}

# apply_where PROGRAM COMMAND: a script that does what apply.sh does, where PROGRAM is that
# shell command, and does what it should if it gets past it.
apply_where() {
	local dir=$scratch/where-$1

	mkdir -p "$dir"
	printf '%s\n' "#!/bin/bash" "$2" "exec $(command -v "$1") \"\$@\"" >"$dir/$1"
	printf '%s\n' "#!/bin/bash" "PATH=$dir:\$PATH exec $APPLY \"\$@\"" >"$dir/apply"
	chmod +x "$dir"/*
	echo "$dir/apply"
}

# after_interrupted_update COMMAND...: an update has failed when the first file was to be
# written.
after_interrupted_update() {
	applies || return
	echo "/* an update */" >>"$OURS/include/linux/livepatch.h"
	! "$(apply_where rsync "[ \"\${!#}\" != $TREE/ ] || exit 1")" "$TREE" || return
	"$@"
}

repeat() {
	"$APPLY" "$TREE" && has_our_files
}

# What cannot be read must not count as what is not there.
refuses_unreadable() {
	local APPLY=$APPLY

	fresh_tree
	APPLY=$(apply_where sha256sum "echo sha256sum: unreadable >&2; exit 1")
	refuses unreadable
}

refuses_link() {
	fresh_tree
	mv "$TREE/kernel/livepatch" "$scratch/elsewhere"
	ln -s "$scratch/elsewhere" "$TREE/kernel/livepatch"
	refuses kernel/livepatch "symbolic link"
}

# The files of the base tree that the series changes.
patched_files() {
	files_of_series | sort -u | (cd "$STOCK" && xargs ls -d 2>/dev/null)
}

# Another 6.12.y has the same lines somewhere else: what is patched there is what is
# patched here, below three lines more.
finds_moved_lines() {
	local path

	applies && mv "$TREE" "$scratch/unmoved" && fresh_tree || return
	patched_files | (cd "$TREE" && xargs sed -i '1i # another\n\n# tree')
	listing "$TREE" >"$scratch/before"
	"$APPLY" "$TREE" || return
	while read -r path; do
		diff "$scratch/unmoved/$path" <(tail -n +4 "$TREE/$path") || return
	done < <(patched_files)
	"$APPLY" --undo "$TREE" || return
	listing "$TREE" | sed -E 's/ [0-9.]+ / /' >"$scratch/after"
	diff <(sed -E 's/ [0-9.]+ / /' "$scratch/before") "$scratch/after"
}

copy_ours
copy_stock
case_of "applies" applies
case_of "our files are in the tree" has_our_files
case_of "replaced directories hold nothing else" has_no_stock_core
case_of "the series is in the tree" has_the_series
case_of "applying again touches nothing" unchanged_by "$APPLY" "$TREE"
case_of "a changed file of ours is all that is copied" copies_only_what_changed
case_of "a patch that comes and goes in the series" follows_the_series
case_of "a file of ours that comes and goes" follows_removed_files
case_of "undo gives back the stock tree" undo
case_of "undo gives back the modes of files" undo_restores_modes
case_of "undo after an interrupted run" undo_after_interruption
case_of "an interrupted update is repeated" after_interrupted_update repeat
case_of "an interrupted update is undone" after_interrupted_update undo
case_of "undo of a tree without it changes nothing" unchanged_by "$APPLY" --undo "$TREE"
case_of "a tree whose lines are elsewhere, and back" finds_moved_lines
case_of "a hunk in conflict is refused" refuses_conflict
case_of "a hunk in conflict is refused on a tree that has it already" refuses_conflict_when_applied
case_of "a tree that cannot be read is refused" refuses_unreadable
case_of "a tree with a link to a directory is refused" refuses_link
case_of "another version of Linux is refused" refuses_other_version
case_of "a file changed since is not overwritten" refuses_changed_file
