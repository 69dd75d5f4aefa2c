# SPDX-License-Identifier: GPL-2.0-or-later
# A module that is patched, and that modpost has heard of, but symbols.klp has not:
# what it exports stays ordinary, so it has to be loaded before.
	.include "klp.inc"
	klp_patch
	klp_patched module_name, funcs
	klp_patch_end
	.section .modinfo, "a"
	.asciz "depends=elsewhere"
	.section .klp.undefined, "a"
	.asciz "hidden_func"
	.section .rodata.str1.1, "aMS", @progbits, 1
module_name:
	.asciz "elsewhere"
	.data
	.type funcs, @object
funcs:
	klp_replaced func_elsewhere, new_func
	.skip 40
	.size funcs, . - funcs
	.text
	.type new_func, @function
new_func:
	far_call exported_elsewhere
	far_call hidden_func
	.size new_func, . - new_func
