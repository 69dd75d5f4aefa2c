# SPDX-License-Identifier: GPL-2.0-or-later
# What -ffunction-sections and -fdata-sections take apart is put together.
	.include "klp.inc"
	klp_object target
	.section .text.one, "ax"
	.type one, @function
one:
	call hidden_func
	call two
	jmp .text.two + 3
	.size one, . - one

	.section .text.two, "ax"
	.p2align 4
	.type two, @function
two:
	call target_hidden
	mov first(%rip), %rax
	ret
	.size two, . - two

	.section .data.first, "aw"
	.type first, @object
first:
	.quad hidden_data
	.size first, 8
	.section .data.second, "aw"
	.quad first + 2
	.quad target_data

	.section .rodata.list, "a"
	.quad two, one

	.section .bss.zero, "aw", @nobits
	.skip 3
	.section .bss.more, "aw", @nobits
	.p2align 3
more:
	.skip 8

# These stay.
	.section .data..ro_after_init, "aw"
	.quad more
	.section .rodata.str1.1, "aMS", @progbits, 1
	.asciz "text"

	.section .debug_macro, "G", @progbits, macros, comdat
	.byte 0

	.globl _GLOBAL_OFFSET_TABLE_
