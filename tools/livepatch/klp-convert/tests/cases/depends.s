# SPDX-License-Identifier: GPL-2.0-or-later
# Nobody lists what is not exported, and a module is not known that may export it.
	.include "klp.inc"
	.section .modinfo, "a"
	.asciz "depends=target,else-where"
	.text
	call hidden_func
	call exported_elsewhere
