# SPDX-License-Identifier: GPL-2.0-or-later
# Places that are not zero before they are relocated.
	.include "klp.inc"
	klp_object target
func:
	call hidden_func
	.reloc func, R_X86_64_PC32, hidden_data
	.data
data:
	.quad 0, 0, 0
	.reloc data, R_X86_64_64, hidden_data
	.reloc data + 4, R_X86_64_PC32, target_data
	.reloc data + 8, R_X86_64_64, exported_func
	.reloc data + 8, R_X86_64_64, hidden_data
	# One after the other is right.
	.reloc data + 16, R_X86_64_PC32, hidden_data
	.reloc data + 20, R_X86_64_PC32, hidden_data
