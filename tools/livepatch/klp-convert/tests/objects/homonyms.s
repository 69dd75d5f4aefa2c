# SPDX-License-Identifier: GPL-2.0-or-later
# What is exported, where what is patched has symbols of its own by these names.
	.include "klp.inc"
	klp_patch
	klp_patched 0, vmlinux_funcs
	klp_patched target_name, target_funcs
	klp_patch_end

	.text
	.type new_func, @function
new_func:
	far_call exported_func
	far_call exported_homonym
	far_call exported_twice
	.size new_func, . - new_func
	.balign 8
	.type new_target, @function
new_target:
	nop
	.size new_target, . - new_target

	.section .rodata.str1.1, "aMS", @progbits, 1
target_name:
	.asciz "target"

	.data
	# This is none that is exported.
	.weak target_data
	.quad target_data
	.type vmlinux_funcs, @object
vmlinux_funcs:
	klp_replaced hidden_func, new_func
	.skip 40
	.size vmlinux_funcs, . - vmlinux_funcs
	.type target_funcs, @object
target_funcs:
	klp_replaced target_hidden, new_target
	.skip 40
	.size target_funcs, . - target_funcs
