# SPDX-License-Identifier: GPL-2.0-or-later
# Sections that somebody has deferred: for another module, and for nothing.
	.include "klp.inc"
	klp_object target
	klp_object other_module
	.type func, @function
func:
	call target_hidden
	.size func, . - func
	site .klp.arch.other_module..call_sites, func
	.section .klp.arch.target..call_sites, "a"
