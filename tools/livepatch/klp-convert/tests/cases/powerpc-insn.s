# SPDX-License-Identifier: GPL-2.0-or-later
# Entries for jumps that are none, or go elsewhere.
	.include "klp.inc"
	klp_object target
	.type func, @function
func:
	# These are right.
	static_branch target_key
1:	b func
	jump_entry 1b, func, target_key

	# Calls, and goes to elsewhere.
1:	bl func
	jump_entry 1b, func, target_key
1:	b func
	jump_entry 1b, func + 4, target_key
	# A part of an instruction.
1:	nop
	jump_entry 1b + 2, func, target_key
	# The same one once more.
	jump_entry func, func, target_key
	.size func, . - func
