# SPDX-License-Identifier: GPL-2.0-or-later
# Functions of three objects, and what they refer to of others.
	.include "klp.inc"
	klp_patch
	klp_patched 0, vmlinux_funcs
	klp_patched target_name, target_funcs
	klp_patched other_name, other_funcs
	klp_patch_end

	.macro new_function name
	.balign 8
	.type \name, @function
\name:
	.endm
	.macro end_function name
	.size \name, . - \name
	.endm

	.text
	new_function new_early
	far_call exported_func
	far_call target_exported
	far_call target_hidden
	end_function new_early
	# A branch is left as it is until the key comes.
	new_function new_with_key
	static_branch target_key
	end_function new_with_key
	new_function new_own
	far_call target_hidden
	far_call hidden_func
	end_function new_own
	new_function new_other
	far_call other_hidden
	far_call target_hidden
	end_function new_other
	new_function new_aside
	nop
	end_function new_aside
	# Nobody knows who calls it.
	new_function helper
	far_call target_hidden
	end_function helper

	.section .text.unlikely, "ax"
	new_function new_aside.cold
	far_call target_hidden
	end_function new_aside.cold

	.section .rodata.str1.1, "aMS", @progbits, 1
target_name:
	.asciz "target"
other_name:
	.asciz "other_module"

	.data
	.type vmlinux_funcs, @object
vmlinux_funcs:
	klp_replaced hidden_func, new_early
	klp_replaced exported_func, new_with_key
	klp_replaced everywhere, new_aside
	.skip 40
	.size vmlinux_funcs, . - vmlinux_funcs
	.type target_funcs, @object
target_funcs:
	klp_replaced target_exported, new_own
	.skip 40
	.size target_funcs, . - target_funcs
	.type other_funcs, @object
other_funcs:
	klp_replaced other_hidden, new_other
	.skip 40
	.size other_funcs, . - other_funcs
