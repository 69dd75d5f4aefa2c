# SPDX-License-Identifier: GPL-2.0-or-later
# A livepatch with the deferred sections that klp-mutate looks for.
	.include "klp.inc"
	klp_object test_klp_special_target
	.type func, @function
func:
	static_branch klp_special_false
	static_branch klp_special_false
	static_call klp_special
	.size func, . - func
