# SPDX-License-Identifier: GPL-2.0-or-later
# Functions that occur twice, position 0 being the first, and one to look for that the
# livepatch does not have.
	.include "klp.inc"
	klp_patch
	klp_patched 0, vmlinux_funcs
	klp_patched target_name, target_funcs
	klp_patch_end

	.text
	.type new, @function
new:
	ret
	.size new, . - new

	.section .text.other, "ax"
	.file "other.c"
	.type new_other, @function
new_other:
	ret
	.size new_other, . - new_other

	.section .rodata.str1.1, "aMS", @progbits, 1
target_name:
	.asciz "target"

	.data
	.type vmlinux_funcs, @object
vmlinux_funcs:
	klp_stack_only , new
	klp_replaced hidden_func, new
	klp_stack_only hidden_func, , 1
	klp_stack_only exported_func, new_nowhere
	klp_stack_only , new
	.skip 40
	.size vmlinux_funcs, . - vmlinux_funcs
	.type target_funcs, @object
target_funcs:
	klp_replaced target_twice, new, 1
	klp_replaced target_twice, new_other, 2
	klp_replaced target_hidden, new_other
	klp_replaced target_hidden, new_other, 1
	.skip 40
	.size target_funcs, . - target_funcs
