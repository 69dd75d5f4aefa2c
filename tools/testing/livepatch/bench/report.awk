# SPDX-License-Identifier: GPL-2.0
#
# Compare what was measured with what is recorded and allowed:
#
#   awk -f report.awk FIGURES MEASURED
#
# MEASURED is the output of measure.sh; with "stock" before them, also what it has
# measured there, which then stands for what is recorded. Prints a table, as comments of TAP, and
# a case for each figure that has a limit. A figure that is missing fails.

function show(value, unit) {
	if (value == "-" || value == "")
		return "-"
	return unit == "ms" ? sprintf("%.1f ms", value / 1e6) : value " " unit
}

function most(name,    part) {
	if (split(limit[name], part, "/") == 2)
		return stock[name] / part[2]
	if (split(limit[name], part, "*") == 2)
		return part[1] * ours[part[2]]
	return limit[name] + 0
}

function judge(name) {
	if (ours[name] !~ /^[0-9]+$/)
		printf "not ok - %s: not measured\n", text[name]
	else if (limit[name] != "-")
		printf "%s - %s: %s, at most %s (%s)\n", ours[name] <= most(name) ? "ok" : "not ok",
			text[name], show(ours[name], unit[name]), show(most(name), unit[name]), limit[name]
}

BEGIN { FS = "\t" }

/^#/ { next }

NR == FNR {
	names[++count] = $1
	stock[$1] = $2
	limit[$1] = $3
	unit[$1] = $4
	text[$1] = $5
	next
}

split($0, word, " ") == 2 { ours[word[1]] = word[2] }
word[1] == "stock" { stock[word[2]] = word[3] }

END {
	format = "# %-52s %14s %14s %10s\n"
	printf format, "figure", "stock", "ours", "stock/ours"
	for (i = 1; i <= count; i++) {
		name = names[i]
		ratio = stock[name] == "-" || !ours[name] ? "-" : sprintf("%.1f", stock[name] / ours[name])
		printf format, text[name], show(stock[name], unit[name]), show(ours[name], unit[name]), ratio
	}
	for (i = 1; i <= count; i++)
		judge(names[i])
}
