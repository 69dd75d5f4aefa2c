# SPDX-License-Identifier: GPL-2.0-or-later
# Entries that two modules would have to share.
	.include "klp.inc"
	klp_object target
	klp_object other_module
	.type func, @function
func:
	alternative "call target_hidden", "call other_hidden"
	.size func, . - func
