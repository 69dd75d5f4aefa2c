# SPDX-License-Identifier: GPL-2.0-or-later
# Alternatives for the same place that wait for different modules.
	.include "klp.inc"
	klp_object target
	klp_object other_module
	.type func, @function
func:
1:	call exported_func
	.pushsection .altinstr_replacement, "ax"
3:	call target_hidden
4:	call other_hidden
	.popsection
	.pushsection .altinstructions, "a"
	.long 1b - ., 3b - ., 1
	.byte 5, 5
	.long 1b - ., 4b - ., 2
	.byte 5, 5
	.popsection
	.size func, . - func
