# SPDX-License-Identifier: GPL-2.0-or-later
# Entries for the same instruction, and for instructions inside each other.
	.include "klp.inc"
	klp_object target
	.type func, @function
func:
	static_branch exported_func
	jump_entry func, func, hidden_data

1:	.byte 0xe8, 0, 0xe8, 0, 0, 0, 0
	.size func, . - func
	.section .static_call_sites, "aw"
	.long 1b + 2 - ., __SCK__target - .
	.long 1b - ., __SCK__target - .
