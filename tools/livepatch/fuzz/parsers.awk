# SPDX-License-Identifier: GPL-2.0-or-later
#
# Print the parsers of names from the sources of the kernel, without the rest of the
# files, which could not be compiled on the host:
#
#	awk -v functions="a b" -v structs="c d" -f parsers.awk FILE...

BEGIN {
	nr = split(functions, list, " ")
	for (i = 1; i <= nr; i++)
		wanted[list[i]] = 1
	nr = split(structs, list, " ")
	for (i = 1; i <= nr; i++)
		struct[list[i]] = 1
}

# Each file has its own.
/^#define [A-Z_]+_PREFIX/ { print "#undef " $2; print; next }

/^struct [a-z_]+ \{$/ && $2 in struct { inside = 1 }

# The line that a definition begins with; a declaration ends with a semicolon.
/^[a-z].*\(/ && !/;$/ {
	name = $0
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
	if (name in wanted) {
		inside = 1
		found[name] = 1
	}
}

inside { print }
/^\};?$/ { inside = 0 }

END {
	for (name in wanted) {
		if (!(name in found)) {
			print "no function " name > "/dev/stderr"
			exit 1
		}
	}
}
