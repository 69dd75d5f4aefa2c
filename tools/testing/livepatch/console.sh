# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What on a guest's console is a failed run, whatever the command said. Sourced.

# Extended regular expressions. Most reports, those of lockdep, of lockups, and of who sleeps
# where nobody may among them, begin with one of the first four. groups/guest.sh has a line
# for each that no other finds.
DEFECTS=(
	'BUG:' 'BUG at' 'WARNING:' 'Call Trace'
	'Oops' 'general protection' 'Kernel panic'
	'KASAN:' 'UBSAN:' 'refcount_t:' 'unreferenced object'
	'rcu: INFO: .* (stall|detected)' 'hard LOCKUP' 'blocked for more than'
	'page allocation failure' 'nobody cared' 'duplicate filename'
)

# Without firmware nobody has formatted the machine's NVRAM.
NO_DEFECTS='WARNING: nvram corruption detected'

# our_functions KERNEL: the names of those that the core has in that build directory.
our_functions() {
	find "$1"/{kernel/livepatch,kernel/module/livepatch.o,arch/*/kernel/livepatch.o} \
		-name '*.o' -exec nm --defined-only {} + 2>/dev/null |
		sed -n 's/^[0-9a-f]* [tT] \([^.]*\).*/\1/p' | sort -u
}

# leave_out_races_of_others NAMES <CONSOLE: races between functions of others are theirs to
# judge, and there are many. Where no name is known, none can be told to be theirs.
leave_out_races_of_others() {
	awk -v names="$1" '
		BEGIN { n = split(names, list, "\n"); for (i in list) ours[list[i]] = 1 }
		function is_ours(name) { sub(/[.+].*/, "", name); return name in ours }
		/BUG: KCSAN: / {
			if (!n)
				print "BUG: whose race this is cannot be told: no function of ours is known"
			theirs = n > 0
			for (i = 1; i <= NF; i++)
				if (is_ours($i))
					theirs = 0
		}
		!theirs
		/==========/ { theirs = 0 }'
}

# defects_of NAMES <CONSOLE: what it has of defects; fails if it has none.
defects_of() {
	local IFS='|'

	leave_out_races_of_others "$1" | grep -avE "$NO_DEFECTS" | grep -aE "${DEFECTS[*]}"
}

# first_complaint <CONSOLE: of a torture test, what it or the kernel has first complained of,
# and how long after the test began, in the guest's time; fails if there is none.
first_complaint() {
	local IFS='|'

	awk -v complaint="torture:!!!|${DEFECTS[*]}" '
		# The time in brackets that a line begins with
		{ now = substr($0, 2) + 0 }
		/Start of test/ { started = 1; start = now; next }
		started && match($0, complaint) {
			printf "after %d s: %s\n", now - start, substr($0, RSTART)
			found = 1
			exit
		}
		END { exit !found }'
}

# in_time COMPLAINT SECONDS: was that, of first_complaint, so soon?
in_time() {
	[[ $1 =~ ^after\ ([0-9]+)\ s: ]] && [ "${BASH_REMATCH[1]}" -le "$2" ]
}
