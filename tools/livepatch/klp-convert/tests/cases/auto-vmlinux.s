# SPDX-License-Identifier: GPL-2.0-or-later
# Symbols of vmlinux that are unique need no annotation; exported ones stay.
	.include "klp.inc"
func:
	call hidden_func
	call exported_func
	mov hidden_data(%rip), %rax
	jmp hidden_func
	static_branch late_key

	.data
	.quad hidden_func
	.quad exported_func
	.quad hidden_data + 16

	.section .rodata, "a"
	.quad hidden_data

	.section .init.text, "ax"
	call hidden_func
