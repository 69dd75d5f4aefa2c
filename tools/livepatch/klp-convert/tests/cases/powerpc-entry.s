# SPDX-License-Identifier: GPL-2.0-or-later
# Deferred entries that the kernel does not take.
	.include "klp.inc"
	klp_object target

	.macro fixup start, end, alt_start, alt_end
	.pushsection __ftr_fixup, "a"
	.align 3
5:	.8byte 1, 1
	.8byte \start - 5b, \end - 5b, \alt_start - 5b, \alt_end - 5b
	.popsection
	.endm

	.type func, @function
func:
	# This is right.
	feature __ftr_fixup, "bl target_hidden", nop
2:	bl target_hidden
	nop
3:	nop
	nop
	nop
4:
	# Nothing to replace; too little to replace; a part of an instruction.
	fixup 2b, 2b, 2b, 3b
	fixup 2b, 3b, 2b, 4b
	fixup 2b, 3b, 3b + 1, 3b + 5
	.size func, . - func
