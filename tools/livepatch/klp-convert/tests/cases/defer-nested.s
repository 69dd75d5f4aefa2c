# SPDX-License-Identifier: GPL-2.0-or-later
# Alternatives for the same place wait together, because the last one wins.
	.include "klp.inc"
	klp_object target
func:
1:	call exported_func
2:
	.pushsection .altinstr_replacement, "ax"
3:	call target_hidden
4:	call hidden_func
5:
	.popsection
	.pushsection .altinstructions, "a"
	.long 1b - ., 3b - ., 1
	.byte 5, 5
	.long 1b - ., 4b - ., 2
	.byte 5, 5
	.popsection
	alternative "nop", "nop"
