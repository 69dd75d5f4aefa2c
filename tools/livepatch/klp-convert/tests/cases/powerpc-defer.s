# SPDX-License-Identifier: GPL-2.0-or-later
# The special sections of ppc64le, with entries that stay and that have to wait.
	.include "klp.inc"
	klp_object target

# BEGIN_FTR_SECTION old FTR_SECTION_ELSE new ALT_FTR_SECTION_END()
	.macro feature section, old, new
1:	\old
	nop
2:
	.pushsection __ftr_alt_97, "a"
	.align 2
3:	\new
	nop
4:
	.popsection
	.pushsection \section, "a"
	.align 3
5:	.8byte 1, 1
	.8byte 1b - 5b, 2b - 5b, 3b - 5b, 4b - 5b
	.popsection
	.endm

	.macro branch key
1:	nop
	.pushsection __jump_table, "aw"
	.balign 8
	.long 1b - ., 1b + 4 - .
	.8byte \key - .
	.popsection
	.endm

	.type func, @function
func:
	feature __ftr_fixup, nop, nop
	feature __ftr_fixup, "bl target_hidden", nop
	feature __mmu_ftr_fixup, nop, "bl target_hidden"
	feature __fw_ftr_fixup, nop, "bl exported_func"

	branch exported_func
	branch target_key

1:	lwsync
	.pushsection __lwsync_fixup, "a"
	.8byte 1b - .
	.popsection
	.size func, . - func
