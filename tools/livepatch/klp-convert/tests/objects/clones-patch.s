# SPDX-License-Identifier: GPL-2.0-or-later
# A livepatch for the functions of clones.c.
	.include "klp.inc"
	klp_patch
	klp_patched 0, funcs
	klp_patch_end

	.text
	.type new, @function
new:
	nop
	.size new, . - new

	.data
	.type funcs, @object
funcs:
	klp_replaced reduced, new
	klp_replaced constant, new
	klp_replaced split, new
	klp_replaced one, new
	klp_replaced constant_effect, new
	klp_replaced pure_effect, new
	klp_replaced effect, new
	.skip 32
	.size funcs, . - funcs
