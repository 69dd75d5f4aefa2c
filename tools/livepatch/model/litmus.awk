# SPDX-License-Identifier: GPL-2.0-or-later
#
# Make a model for spin from a litmus test, of the few kinds of statements that the
# tests here have:
#
#	awk -f litmus.awk [-v drop=N] TEST.litmus
#
# The memory is that of a machine which executes whatever has no order in any
# order, the effects seen by all at once.  What has an order: accesses of the same
# place; around barriers; after an acquire, before a release; and, after
# rcu_dereference(), what is reached through the pointer, here all that follows.
# With drop=N the N-th thing that orders is made one that does not, and if there is
# none the output is empty: the model must then fail.

function fail(what) {
	print FILENAME ":" FNR ": " what > "/dev/stderr"
	failed = 1
	exit 1
}

# Is what orders to be left out?
function dropped() {
	return ++orderings == drop
}

# op KIND TEXT PLACE: one more operation of the present thread.
function op(kind, text, place) {
	nr[thread]++
	k = thread SUBSEP nr[thread]
	kinds[k] = kind
	texts[k] = text
	places[k] = place
}

# between(FIRST, LAST, KINDS): is a barrier of these kinds between two operations?
function between(first, last, want,	i) {
	for (i = first + 1; i < last; i++)
		if (index(want, "/" kinds[thread, i] "/"))
			return 1
	return 0
}

# Must operation a of the thread be done before operation b?
function ordered(a, b,	x, y) {
	x = kinds[thread, a]
	y = kinds[thread, b]
	if (x ~ /^(mb|sync|lock|unlock)$/ || y ~ /^(mb|sync|lock|unlock)$/)
		return 1
	if (x ~ /^(acquire|dereference)$/ || y == "release")
		return 1
	if (places[thread, a] == places[thread, b])
		return 1
	if (x ~ /read/ && y ~ /read|dereference/)
		return between(a, b, "/rmb/")
	if (x ~ /write/ && y ~ /write/)
		return between(a, b, "/wmb/")
	return 0
}

function place_of(text) {
	match(text, /\([*]?[a-z]+/)
	return substr(text, RSTART + 1, RLENGTH - 1)
}

# Comments, declarations, and the frame of functions.
/^\(\*/ { comment = 1 }
comment { if (/\*\)/) comment = 0; next }
/^C / || /^\{\}?$/ || /^\}$/ || /^$/ || /^\tint r[0-9];$/ { next }

/^P[0-9]\(/ {
	thread = substr($0, 2, 1)
	threads = thread + 1
	next
}

/^exists / {
	condition = $0
	sub(/^exists /, "", condition)
	gsub(/\/\\/, "\\&\\&", condition)
	while (match(condition, /[0-9]:r[0-9]=/))
		condition = substr(condition, 1, RSTART - 1) \
			substr(condition, RSTART + 2, 2) "_" substr(condition, RSTART, 1) " == " \
			substr(condition, RSTART + RLENGTH)
	next
}

{
	line = $0
	gsub(/^\t|;$/, "", line)
	place = place_of(line)
	sub(/^\*/, "", place)
}

line ~ /^smp_mb\(\)$/ { if (!dropped()) op("mb", "skip"); next }
line ~ /^smp_wmb\(\)$/ { if (!dropped()) op("wmb", "skip"); next }
line ~ /^smp_rmb\(\)$/ { if (!dropped()) op("rmb", "skip"); next }
line ~ /^synchronize_rcu\(\)$/ { if (!dropped()) op("sync", "!reading"); next }
line ~ /^rcu_read_lock\(\)$/ { op("lock", "reading = true"); next }
line ~ /^rcu_read_unlock\(\)$/ { op("unlock", "reading = false"); next }
line ~ /^WRITE_ONCE\(/ { op("write", place " = 1", place); next }
line ~ /^smp_store_release\(/ {
	op(dropped() ? "write" : "release", place " = 1", place)
	next
}
line ~ /^r[0-9] = (READ_ONCE|rcu_dereference|smp_load_acquire)\(/ {
	register = substr(line, 1, 2) "_" thread
	kind = "read"
	if (line ~ /rcu_dereference/ && place_is_followed())
		kind = dropped() ? "read" : "dereference"
	if (line ~ /smp_load_acquire/)
		kind = dropped() ? "read" : "acquire"
	op(kind, register " = " place, place)
	next
}
{ fail("what is \"" line "\"?") }

# Only a pointer that is read first is followed.
function place_is_followed() {
	return line ~ /^r0/
}

END {
	if (failed || drop > orderings)
		exit failed
	for (t = 0; t < threads; t++)
		for (i = 1; i <= nr[t]; i++)
			if (places[t, i] && !seen[places[t, i]]++)
				print "byte " places[t, i] ";"
	print "byte r0_1, r1_1, ended;\nbool reading;"
	for (t = 0; t < threads; t++) {
		thread = t
		print "active proctype P" t "()\n{\n\tbool did[" nr[t] + 1 "];\n\tbyte left = " nr[t] ";\n\tdo"
		for (b = 1; b <= nr[t]; b++) {
			guard = "!did[" b "]"
			for (a = 1; a < b; a++)
				if (ordered(a, b))
					guard = guard " && did[" a "]"
			if (kinds[t, b] == "sync")
				guard = guard " && " texts[t, b]
			else
				guard = guard " -> " texts[t, b]
			print "\t:: atomic { " guard "; did[" b "] = true; left-- }"
		}
		print "\t:: left == 0 -> break\n\tod;\n\tended++\n}"
	}
	print "active proctype result()\n{\n\tended == " threads ";\n\tassert(!" condition ")\n}"
}
