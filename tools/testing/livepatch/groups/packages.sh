#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What happens when packages are missing, on a machine that is made up: the
# programs that packages.sh asks, and those that would install, are fakes.

. "$(dirname "$0")/../group.sh"

begin_group "+ source" "$@"

. "$(dirname "$0")/../guest/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
FAKES=$scratch/bin
COMMAND="apt-get install -y --no-install-recommends bison sparse"

# fake PROGRAM LINE...: a shell script of that name.
fake() {
	local program=$1

	shift
	printf '%s\n' '#!/bin/bash' "$@" >"$FAKES/$program"
	chmod +x "$FAKES/$program"
}

# machine UID MISSING...: without a sudo; what is installed goes to a list.
machine() {
	local uid=$1 program

	shift
	rm -rf "$FAKES" "$scratch/installed"
	mkdir "$FAKES"
	for program in dirname mkdir nproc sed tail tr; do
		ln -s "$(command -v "$program")" "$FAKES/"
	done
	fake id "echo $uid"
	fake dpkg-query "[[ ' $* ' = *\" \${*: -1} \"* ]] || echo installed"
	fake apt-get "echo \"apt-get \$*\" >>'$scratch/installed'"
}

# packages: run it there, its standard input no terminal.
packages() {
	PATH=$FAKES "$TESTING/packages.sh" </dev/null >"$scratch/said" 2>&1
}

packages_at_terminal() {
	script -qec "PATH='$FAKES' '$TESTING/packages.sh'" /dev/null \
		</dev/null >"$scratch/said" 2>&1
}

installed() {
	diff <(printf '%s\n' "apt-get update" "$COMMAND") "$scratch/installed"
}

# refused RUN: it says what is missing and what to type, and installs nothing.
refused() {
	if "$1"; then
		echo "passed as a success:"
	elif grep -qF "missing packages: bison sparse" "$scratch/said" &&
		grep -qF "  $COMMAND" "$scratch/said" && [ ! -e "$scratch/installed" ]; then
		return
	fi
	cat "$scratch/said"
	return 1
}

nothing_missing() {
	machine 1000
	packages && [ ! -s "$scratch/said" ] && [ ! -e "$scratch/installed" ]
}

as_root() {
	machine 0 sparse bison
	packages && installed
}

through_sudo() {
	machine 1000 sparse bison
	# shellcheck disable=SC2016 # expanded by the fake
	fake sudo '[ "$1" = -n ] || [ "$1" = -v ] || "$@"'
	packages && installed
}

without_sudo() {
	machine 1000 sparse bison
	refused packages && refused packages_at_terminal
}

# At a terminal it would be asked for.
without_password() {
	machine 1000 sparse bison
	# shellcheck disable=SC2016 # expanded by the fake
	fake sudo '[ "$1" != -n ] && { [ "$1" = -v ] || "$@"; }'
	refused packages && packages_at_terminal && installed
}

case_of "nothing is missing: nothing is done" nothing_missing
case_of "root installs what is missing" as_root
case_of "so does sudo" through_sudo
case_of "without either the command is told" without_sudo
case_of "also when sudo wants a password and there is no terminal" without_password
