# SPDX-License-Identifier: GPL-2.0-or-later
# Each special section with an entry that stays, and one that has to wait.
	.include "klp.inc"
	klp_object target
	.type func, @function
func:
	static_branch exported_func
	static_branch target_key
	static_branch hidden_data
	static_branch target_key+1

	static_call kernel
	static_call target

	# The old instruction, the new one, and neither of them.
	alternative "call target_hidden", "call exported_func"
	alternative "call exported_func", "call target_hidden"
	alternative "nop", "nop"

	# A call whose depth is counted.
5:	call target_hidden
	site .call_sites, 5b
6:	call exported_func
	site .call_sites, 6b

	# A lock prefix, and the endbr of a function, refer to nothing.
7:	lock incl target_data(%rip)
	site .smp_locks, 7b
	site .ibt_endbr_seal, func
	.size func, . - func
