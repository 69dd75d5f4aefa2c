# SPDX-License-Identifier: GPL-2.0-or-later
# A livepatch with the deferred sections that klp-mutate looks for.
	.include "klp.inc"
	klp_object test_klp_special_target
	.type func, @function
func:
.ifdef powerpc
	static_branch klp_special_false
	static_branch klp_special_false
1:	b func
	jump_entry 1b, func, klp_special_false+1
	feature __ftr_fixup, nop, "bl klp_special_func"
.else
	# A nop that is too short for a jump to the end, and not next to another entry.
1:	.byte 0x66, 0x90
	jump_entry 1b, func, klp_special_false
	nop
	static_branch klp_special_false
1:	jmp func
	jump_entry 1b, func, klp_special_false+1
	.skip 128, 0x90
	static_call klp_special
	alternative "call klp_special_func", "nop"

	# An entry that says more than it has names code.
	.pushsection .altinstr_replacement, "ax"
	.skip 255
	.popsection
.endif
	.size func, . - func
