# SPDX-License-Identifier: GPL-2.0-or-later
# A livepatch for the functions of original.c.
	.include "klp.inc"
	klp_patch
	klp_patched 0, funcs
	klp_patch_end

	.text
	.type new, @function
new:
	ret
	.size new, . - new

	.data
	.type funcs, @object
funcs:
	klp_replaced inlined, new
	klp_replaced merged, new
	klp_replaced cloned, new
	klp_replaced left_alone, new
	klp_replaced patched_caller, new
	klp_replaced not_there, new
	.skip 32
	.size funcs, . - funcs
