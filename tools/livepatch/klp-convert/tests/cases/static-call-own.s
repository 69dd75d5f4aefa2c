# SPDX-License-Identifier: GPL-2.0-or-later
# A static call of the livepatch that calls a module: its sites are set up too early.
	.include "klp.inc"
	klp_object target
	.section .static_call.text, "ax"
	.globl __SCT__own
	.type __SCT__own, @function
__SCT__own:
	.byte 0xe9
	.long target_hidden - (. + 4)
	.size __SCT__own, . - __SCT__own
	.data
	.globl __SCK__own
	.type __SCK__own, @object
__SCK__own:
	.quad target_hidden, 1
	.size __SCK__own, . - __SCK__own
	.text
	static_call own
	ret
