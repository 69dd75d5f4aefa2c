# SPDX-License-Identifier: GPL-2.0-or-later
# A section that cannot be split, because somebody knows where its entries are.
	.include "klp.inc"
	klp_object target
func:
	static_branch exported_func
	static_branch target_key
	.data
	.quad __jump_table
