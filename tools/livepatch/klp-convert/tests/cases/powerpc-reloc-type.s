# SPDX-License-Identifier: GPL-2.0-or-later
# Relocations that the kernel cannot apply, or not late: those of code without a
# TOC, and a call behind which there is nothing.
	.include "klp.inc"
	.type func, @function
func:
	bl hidden_func@notoc
	b hidden_func@notoc
	b exported_func@notoc
	.machine power10
	bl hidden_func@notoc
	b hidden_func@notoc
	b exported_func@notoc
	bl hidden_func
	.size func, . - func
	.data
	.type data, @object
data:
	.quad 0, 0
	.reloc data, R_PPC64_PCREL34, hidden_data
	.reloc data + 8, R_PPC64_GOT_PCREL34, hidden_data
	.size data, . - data
