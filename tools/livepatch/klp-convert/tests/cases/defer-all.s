# SPDX-License-Identifier: GPL-2.0-or-later
# Sections of which nothing is left, and one entry for each of two modules.
	.include "klp.inc"
	klp_object target
	klp_object other_module
func:
	static_branch target_key
	static_call target
	alternative "call target_hidden", "nop"
	alternative "call other_hidden", "nop"
