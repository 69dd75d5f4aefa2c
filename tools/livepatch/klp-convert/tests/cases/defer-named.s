# SPDX-License-Identifier: GPL-2.0-or-later
# A section that cannot be split, because an entry has a name.
	.include "klp.inc"
	klp_object target
func:
	static_branch target_key
	.section __jump_table, "aw"
named:
