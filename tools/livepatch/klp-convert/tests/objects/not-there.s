# SPDX-License-Identifier: GPL-2.0-or-later
# Objects and functions that the build does not have.
	.include "klp.inc"
	klp_patch
	klp_patched 0, vmlinux_funcs
	klp_patched name, funcs
	klp_patch_end

	.text
	.type new, @function
new:
	nop
	.size new, . - new

	.section .rodata.str1.1, "aMS", @progbits, 1
name:
	.asciz "absent"

	.data
	.type vmlinux_funcs, @object
vmlinux_funcs:
	klp_stack_only not_there
	klp_stack_only homonym
	klp_stack_only homonym, , 3
	klp_stack_only hidden_func
	klp_replaced nor_this, new
	.skip 40
	.size vmlinux_funcs, . - vmlinux_funcs
	.type funcs, @object
funcs:
	klp_replaced whatever, new
	.skip 40
	.size funcs, . - funcs
