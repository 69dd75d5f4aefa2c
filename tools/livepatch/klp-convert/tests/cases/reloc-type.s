# SPDX-License-Identifier: GPL-2.0-or-later
# Relocations that the kernel cannot apply.
	.include "klp.inc"
	.data
	.byte hidden_data - .
	# Nor these, whatever the symbol is.
	.byte exported_func - .
	.byte func - .
	.text
func:
	nop
