# SPDX-License-Identifier: GPL-2.0
#
# report.awk SOURCES UNREACHED COUNTS: judge what has been reached.
#
# SOURCES has a file's path in the kernel tree on each line. UNREACHED has lines
# "path: text of a source line" that may stay unreached, and comments that say why.
# COUNTS is what "gcov -t" prints, any number of them for the same file.
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
	if (!/^#/ && (at = index($0, ": ")))
		reasons[substr($0, 1, at - 1), substr($0, at + 2)] = 1
	next
}

# "   count:  line:text"; the count is "-" where there is no code.
{
	first = index($0, ":")
	rest = substr($0, first + 1)
	second = index(rest, ":")
	count = substr($0, 1, first - 1)
	number = substr(rest, 1, second - 1) + 0
	text = substr(rest, second + 1)
	sub(/^[ \t]+/, "", count)
	gsub(/^[ \t]+|[ \t]+$/, "", text)
}

number == 0 {
	if (sub(/^Source:/, "", text)) {
		path = text
		while (path != "" && !(path in ours))
			if (!sub(/^[^\/]*\//, "", path))
				path = ""
	}
	next
}

path == "" { next }

{
	texts[path, number] = text
	if (number > last[path])
		last[path] = number
	if ((path, text) in reasons)
		used[path, text] = 1
}

count != "-" {
	code[path, number] = 1
	if (count + 0 > 0)
		reached[path, number] = 1
}

function has_reason(path, number) {
	return (path, texts[path, number]) in reasons || texts[path, number] == "}" ||
	       texts[path, number] ~ /WARN_ON/ || texts[path, number - 1] ~ /WARN_ON/
}

function percent(part, all) {
	# Cut off, so that 100 means all.
	return int(1000 * part / all) / 10
}

function judge(path,    number, nr, got, missed, good) {
	for (number = 1; number <= last[path]; number++) {
		if (!((path, number) in code))
			continue
		nr++
		if ((path, number) in reached)
			got++
		else if (!has_reason(path, number))
			missed = missed "# " path ":" number ": " texts[path, number] "\n"
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
		stale = stale "# " parts[1] ": " parts[2] "\n"
	}
	printf "%s - each reason is one for a line that is there\n", stale ? "not ok" : "ok"
	printf "%s", stale
	if (all_nr)
		printf "# all files: %s %% of %d lines\n", percent(all_got, all_nr), all_nr
}
