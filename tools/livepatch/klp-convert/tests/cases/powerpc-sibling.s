# SPDX-License-Identifier: GPL-2.0-or-later
# A branch out of the livepatch that does not come back.
	.include "klp.inc"
	.type func, @function
func:
	bl exported_func
	nop
	b hidden_func
	b 1f
1:	b exported_func
	.size func, . - func
