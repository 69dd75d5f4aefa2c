# SPDX-License-Identifier: GPL-2.0-or-later
	.include "klp.inc"
	.comm tentative, 8, 8
	.text
	call hidden_func
