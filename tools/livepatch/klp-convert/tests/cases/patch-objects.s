# SPDX-License-Identifier: GPL-2.0-or-later
# Objects that no livepatch can have.
	.include "klp.inc"
	klp_patch
	klp_patched target_name, none
	klp_patched file_name, 0
	klp_patched target_name, none
	klp_patched 0, funcs
	klp_patched 0, funcs
	klp_patch_end

	.text
	.type new_hidden, @function
new_hidden:
	ret
	.size new_hidden, . - new_hidden

	.section .rodata.str1.1, "aMS", @progbits, 1
target_name:
	.asciz "target"
file_name:
	.asciz "stalled"

	.data
	.type funcs, @object
funcs:
	klp_replaced hidden_func, new_hidden
	.skip 40
	.size funcs, . - funcs
	.type none, @object
none:
	.skip 40
	.size none, . - none
