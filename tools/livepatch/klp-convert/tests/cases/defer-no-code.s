# SPDX-License-Identifier: GPL-2.0-or-later
# Entries that are about no code, or more than there is.
	.include "klp.inc"
	klp_object target
func:
	call target_hidden
	.section __jump_table, "aw"
	.balign 8
	.quad 0
	.quad target_key - .
	.section .altinstructions, "a"
	.long func + 4 - ., func - ., 0
	.byte 5, 1
