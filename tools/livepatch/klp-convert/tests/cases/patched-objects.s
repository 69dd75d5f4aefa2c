# SPDX-License-Identifier: GPL-2.0-or-later
# What is patched is found: an exported symbol of a patched module is late, even
# if there is no other reason to wait, and that module need not be loaded before.
	.include "klp.inc"
	.section .modinfo, "a"
	.asciz "depends=target,un-patched,other-module"
	.asciz "intree=Y"
	.text
	klp_patch
	klp_patched 0, vmlinux_funcs
	klp_patched target_name, target_funcs
	klp_patched other_name, other_funcs
	klp_patch_end

	.text
	.type new_hidden, @function
new_hidden:
	ret
	.size new_hidden, . - new_hidden
	.type new_twice, @function
new_twice:
	call target_exported
	.size new_twice, . - new_twice

	.section .rodata.str1.1, "aMS", @progbits, 1
target_name:
	.asciz "target"
other_name:
	.asciz "other_module"
hidden_name:
	.asciz "hidden_func"
twice_name:
	.asciz "target_twice"

	.data
	.type vmlinux_funcs, @object
vmlinux_funcs:
	.quad hidden_name, new_hidden, 0, 0
	.skip 32
	.size vmlinux_funcs, . - vmlinux_funcs
	.type target_funcs, @object
target_funcs:
	.quad twice_name, new_twice, 2, 0
	.skip 32
	.size target_funcs, . - target_funcs
	.type other_funcs, @object
other_funcs:
	.skip 40
	.size other_funcs, . - other_funcs
