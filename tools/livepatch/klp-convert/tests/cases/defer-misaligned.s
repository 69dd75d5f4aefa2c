# SPDX-License-Identifier: GPL-2.0-or-later
# Tables that are none.
	.include "klp.inc"
	klp_object target
func:
	static_branch target_key
	.section __jump_table, "aw"
	.long 0
