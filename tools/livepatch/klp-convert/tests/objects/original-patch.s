# SPDX-License-Identifier: GPL-2.0-or-later
# A livepatch for the functions of original.c.
	.include "klp.inc"
	klp_patch
	klp_patched 0, funcs
	klp_patch_end

	.macro replaced name
	.pushsection .rodata.str1.1, "aMS", @progbits, 1
1:	.asciz "\name"
	.popsection
	.quad 1b, new, 0, 0, 0
	.endm

	.text
	.type new, @function
new:
	ret
	.size new, . - new

	.data
	.type funcs, @object
funcs:
	replaced inlined
	replaced merged
	replaced cloned
	replaced left_alone
	replaced patched_caller
	replaced not_there
	.skip 32
	.size funcs, . - funcs
