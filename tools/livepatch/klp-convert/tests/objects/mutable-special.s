# SPDX-License-Identifier: GPL-2.0-or-later
# A livepatch with the deferred sections that klp-mutate looks for.
	.include "klp.inc"
	klp_object test_klp_special_target
	.type func, @function
func:
	static_branch klp_special_false
	static_branch klp_special_false
.ifdef powerpc
	feature __ftr_fixup, nop, "bl klp_special_func"
.else
	static_call klp_special
	alternative "call klp_special_func", "nop"

	# An entry that says more than it has names code.
	.pushsection .altinstr_replacement, "ax"
	.skip 255
	.popsection
.endif
	.size func, . - func
