# SPDX-License-Identifier: GPL-2.0-or-later
	.include "klp.inc"
	.section .klp.undefined, "a"
	.ascii "hidden_func"
	.text
	call hidden_func
