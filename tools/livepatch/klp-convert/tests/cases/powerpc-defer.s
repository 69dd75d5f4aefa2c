# SPDX-License-Identifier: GPL-2.0-or-later
# The special sections of ppc64le, with entries that stay and that have to wait.
	.include "klp.inc"
	klp_object target

	.type func, @function
func:
	feature __ftr_fixup, nop, nop
	feature __ftr_fixup, "bl target_hidden", nop
	feature __mmu_ftr_fixup, nop, "bl target_hidden"
	feature __fw_ftr_fixup, nop, "bl exported_func"

	static_branch exported_func
	static_branch target_key

1:	lwsync
	.pushsection __lwsync_fixup, "a"
	.8byte 1b - .
	.popsection
	.size func, . - func
