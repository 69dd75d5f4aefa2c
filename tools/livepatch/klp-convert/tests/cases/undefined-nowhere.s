# SPDX-License-Identifier: GPL-2.0-or-later
# What modpost lists has to be somewhere, whatever the module depends on.
	.include "klp.inc"
	.section .modinfo, "a"
	.asciz "depends=elsewhere"
	.section .klp.undefined, "a"
	.asciz "hidden_func", "nowhere"
	.text
	call hidden_func
	call nowhere
