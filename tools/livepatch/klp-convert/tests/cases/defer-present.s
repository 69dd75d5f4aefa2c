# SPDX-License-Identifier: GPL-2.0-or-later
# Something has been deferred before.
	.include "klp.inc"
	klp_object target
func:
	static_branch target_key
	.section .klp.arch.target.__jump_table, "aw"
	.quad 0
