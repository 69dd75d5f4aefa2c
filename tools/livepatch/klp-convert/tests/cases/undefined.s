# SPDX-License-Identifier: GPL-2.0-or-later
# modpost knows more exports than there are symbols: what it does not list stays ordinary,
# also where an object has a symbol of that name.
	.include "klp.inc"
	.section .modinfo, "a"
	.asciz "depends=elsewhere"
	.section .klp.undefined, "a"
	.asciz "hidden_func", ""
	.text
	call hidden_func
	call exported_elsewhere
	call target_hidden
