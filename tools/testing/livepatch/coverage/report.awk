# SPDX-License-Identifier: GPL-2.0
#
# report.awk SOURCES UNREACHED COUNTS: judge what has been reached.
#
# SOURCES has a file's path in the kernel tree on each line. UNREACHED has lines
# "path: function: text of a source line" that may stay unreached, and comments that say why.
# COUNTS is what "gcov -b -c -t" prints, any number of them for the same file.
#
# The compiler gives no counter to most lines that only leave: they are a part of the
# branch that leads there. One that does so with an error, or goes where errors go, is
# reached if each branch was taken of the last line before it that has some; its text is
# the two lines', such as "if (!new) return NULL;", and that of the line before "if (err)".
# Where a condition has several parts that asks for more than it takes to come there, and
# never for less: with a reason such a line does not count, for it may have been reached.
#
# A line behind WARN_ON() needs no reason: who reaches it has found a defect. The end of
# a function says nothing that its other lines do not say.

BEGIN { LEAST = 95 }

FNR == 1 { part++ }

part == 1 {
	ours[$0] = 1
	order[++nr_files] = $0
	next
}

part == 2 {
	if (!/^#/ && split($0, parts, ": ") > 2)
		reasons[parts[1], parts[2],
			substr($0, length(parts[1]) + length(parts[2]) + 5)] = 1
	next
}

# "branch  i taken count ..." or "branch  i never executed", of the line before.
/^branch / {
	if ($2 >= branches[path, number])
		branches[path, number] = $2 + 1
	if ($3 == "taken")
		executed[path, number, $2] = 1
	if ($3 == "taken" && $4 > 0)
		took[path, number, $2] = 1
}

/^[a-z]/ { next }

# "   count:  line:text"; the count is "-" where there is no code.
{
	first = index($0, ":")
	rest = substr($0, first + 1)
	second = index(rest, ":")
	count = substr($0, 1, first - 1)
	number = substr(rest, 1, second - 1) + 0
	raw = text = substr(rest, second + 1)
	sub(/^[ \t]+/, "", count)
	gsub(/^[ \t]+|[ \t]+$/, "", text)
}

number == 0 {
	if (sub(/^Source:/, "", text)) {
		path = text
		while (path != "" && !(path in ours))
			if (!sub(/^[^\/]*\//, "", path))
				path = ""
		guard = 0
	}
	next
}

path == "" { next }

{
	# A definition begins in the first column, and what is behind its name in parentheses
	# may be on more lines; so does a declaration, which ends with the next definition.
	if (raw ~ /^[a-z_].*\(/ && raw !~ /;$/ && match(raw, /[A-Za-z0-9_]+\(/))
		function_name = substr(raw, RSTART, RLENGTH - 1)
	functions[path, number] = function_name
	texts[path, number] = text
	if (number > last[path])
		last[path] = number
	if (raw == "}") {
		ends[path, number] = 1
		function_name = ""
	}
	if (raw ~ /^\t\t+(goto[ ;]|return err;)/ || raw ~ /^\t+return .*-E[A-Z]/)
		leaves[path, number] = 1
}

count != "-" {
	code[path, number] = 1
	if (count + 0 > 0)
		reached[path, number] = 1
}

# The last line with branches before this one, in the same function; 0 if there is none.
function guard_of(path, number) {
	while (--number > 0 && !((path, number) in branches))
		if ((path, number) in ends)
			return 0
	return number
}

# What was never executed is behind another branch that was not taken, if it was needed.
function all_taken(path, number,    i, taken, not_taken) {
	for (i = 0; i < branches[path, number]; i++) {
		if ((path, number, i) in took)
			taken++
		else if ((path, number, i) in executed)
			not_taken++
	}
	return taken && !not_taken
}

# Make lines of code of those that only leave.
function judge_leaves(path,    number, guard) {
	for (number = 1; number <= last[path]; number++) {
		if (!((path, number) in leaves) || (path, number) in code)
			continue
		guard = guard_of(path, number)
		if (!guard)
			continue
		texts[path, number] = texts[path, guard] " " texts[path, number]
		if (texts[path, guard] == "if (err)")
			texts[path, number] = texts[path, guard - 1] " " texts[path, number]
		if (all_taken(path, guard))
			reached[path, number] = 1
		else if (has_reason(path, number))
			used[path, functions[path, number], texts[path, number]] = 1
		if ((path, number) in reached ||
		    !((path, functions[path, number], texts[path, number]) in used))
			code[path, number] = 1
	}
}

function has_reason(path, number) {
	return (path, functions[path, number], texts[path, number]) in reasons ||
	       texts[path, number] == "}" || texts[path, number] ~ /WARN_ON/ ||
	       texts[path, number - 1] ~ /WARN_ON/
}

function percent(part, all) {
	# Cut off, so that 100 means all.
	return int(1000 * part / all) / 10
}

function judge(path,    number, nr, got, missed, good) {
	judge_leaves(path)
	for (number = 1; number <= last[path]; number++) {
		if (!((path, number) in code))
			continue
		nr++
		if ((path, functions[path, number], texts[path, number]) in reasons)
			used[path, functions[path, number], texts[path, number]] = 1
		if ((path, number) in reached)
			got++
		else if (!has_reason(path, number))
			missed = missed "# " path ":" number ": " functions[path, number] ": " \
				 texts[path, number] "\n"
	}
	all_nr += nr
	all_got += got
	# Nothing but declarations
	if (!nr)
		return
	good = !missed && percent(got, nr) >= LEAST
	printf "%s - %s: %s %% of %d lines\n", good ? "ok" : "not ok", path,
	       percent(got, nr), nr
	printf "%s", missed
}

END {
	for (i = 1; i <= nr_files; i++)
		judge(order[i])
	for (line in reasons) {
		if (line in used)
			continue
		split(line, parts, SUBSEP)
		stale = stale "# " parts[1] ": " parts[2] ": " parts[3] "\n"
	}
	printf "%s - each reason is one for a line that is there\n", stale ? "not ok" : "ok"
	printf "%s", stale
	if (all_nr)
		printf "# all files: %s %% of %d lines\n", percent(all_got, all_nr), all_nr
}
