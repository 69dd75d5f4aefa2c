# SPDX-License-Identifier: GPL-2.0-or-later
# Sections that cannot wait for a module.
	.include "klp.inc"
	klp_object target
	.section .init.text, "ax"
	call target_hidden
	.section .exit.text, "ax"
	call target_hidden
	.section .data..percpu, "aw"
	.quad target_data
	.section __ex_table, "a"
	.long target_hidden - .
	.long 0, 0
