# SPDX-License-Identifier: GPL-2.0-or-later
# A livepatch with a little of everything, to be damaged.
	.include "klp.inc"
	klp_patch
	klp_patched 0, funcs
	klp_patched target_name, funcs
	klp_patch_end

	.section .text.new, "ax"
	.type new, @function
new:
	far_call hidden_func
	static_branch exported_func
	static_branch target_key
.ifdef powerpc
	feature __ftr_fixup, "bl target_hidden", nop
	feature __fw_ftr_fixup, nop, nop
.else
	static_call target
	alternative "call target_hidden", "call exported_func"
	alternative "nop", "nop"
.endif
	far_call ".klp.sym.rela.vmlinux.vmlinux.homonym,1"
	.size new, . - new

	.section .text.other, "ax"
	far_call new
	klp_sympos target, target_twice, 1
	far_call target_twice

	.section .klp.undefined, "a"
	.asciz "hidden_func", "target_hidden", "target_key", "target_twice"
	.asciz "__SCT__target", "__SCK__target"

	.section .rodata.str1.1, "aMS", @progbits, 1
target_name:
	.asciz "target"
hidden_name:
	.asciz "hidden_func"

	.data
	.type funcs, @object
funcs:
	.quad hidden_name, new, 0, 0
	klp_stack_only exported_func, new
	.skip 32
	.size funcs, . - funcs
