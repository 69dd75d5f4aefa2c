# SPDX-License-Identifier: GPL-2.0-or-later
# Calls out of the livepatch, behind which the TOC cannot be restored.
	.include "klp.inc"
	.type func, @function
func:
	# These are right: the compiler's own call, and two that stay here.
	.weak _mcount
	bl _mcount
	bl func
	bl away
	bl exported_func
	nop

	bl exported_func
	mr 3, 3
	bl hidden_func
	ld 2, 24(1)
	.size func, . - func

	.section .text.unlikely, "ax"
	.globl away
	.type away, @function
away:
	# Nothing behind it, and no livepatch relocation.
	bl exported_func
	.size away, . - away
