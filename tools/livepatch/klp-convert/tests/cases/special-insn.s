# SPDX-License-Identifier: GPL-2.0-or-later
# Entries about instructions that they cannot be about.
	.include "klp.inc"
	klp_object target
	.type func, @function
func:
	# These are right: each kind of nop, each kind of jump, here and there.
1:	.byte 0x66, 0x90
	jump_entry 1b, func, exported_func
1:	jmp func
	jump_entry 1b, func, exported_func
1:	{disp32} jmp func
	jump_entry 1b, func, exported_func
1:	jmp away
	jump_entry 1b, away, target_key
1:	call __SCT__target
	.pushsection .static_call_sites, "aw"
	.long 1b - ., __SCK__target - .
	.popsection
1:	jmp __SCT__target
	.pushsection .static_call_sites, "aw"
	.long 1b - ., __SCK__target + 1 - .
	.popsection
1:	{disp32} je 1b
	.pushsection .static_call_sites, "aw"
	.long 1b - ., __SCK__target + 3 - .
	.popsection

	# No jump.
1:	mov $0, %eax
	jump_entry 1b, func, target_key
	# Another nop than the kernel's.
1:	.byte 0x0f, 0x1f, 0x40, 0x00
	nop
	jump_entry 1b, func, target_key
	# To elsewhere, or to no code.
1:	jmp func
	jump_entry 1b, func + 2, target_key
1:	{disp32} jmp func
	jump_entry 1b, func + 2, target_key
	static_branch target_key
1:	.byte 0x66, 0x90
	jump_entry 1b, target_key, target_key
1:	.byte 0x66, 0x90
	jump_entry 1b, .rodata.str1.1, target_key
	# As far as a short jump goes, forth and back, and one byte further.
1:	.byte 0x66, 0x90
	jump_entry 1b, 1b+2+127, target_key
1:	.byte 0x66, 0x90
	jump_entry 1b, 1b+2+128, target_key
	.skip 128, 0x90
1:	.byte 0x66, 0x90
	jump_entry 1b, 1b+2-128, target_key
1:	.byte 0x66, 0x90
	jump_entry 1b, 1b+2-129, target_key
	# A call that says that it is a jump, and the other way round.
1:	call __SCT__target
	.pushsection .static_call_sites, "aw"
	.long 1b - ., __SCK__target + 1 - .
	.popsection
1:	jmp __SCT__target
	.pushsection .static_call_sites, "aw"
	.long 1b - ., __SCK__target - .
	.popsection
	# Cut off.
1:	.byte 0xe9, 0, 0
	jump_entry 1b, func, target_key
	.size func, . - func

	.section .text.unlikely, "ax"
away:
	nop

	.data
1:	.quad 0
	jump_entry 1b, func, target_key
	.bss
1:	.quad 0
	jump_entry 1b, func, target_key
