# SPDX-License-Identifier: GPL-2.0-or-later
# First source file of a module of the small build.
	.file "target-main.c"
	.section .modinfo, "a"
	.asciz "license=GPL"
	.asciz "name=target"
	.asciz "vermagic=6.12.0 SMP mod_unload "

	.text
	.globl target_exported
target_exported:
	ret
target_hidden:
	ret
exported_homonym:
	ret
target_twice:
	ret
everywhere:
	ret
__SCT__target:
	ret

	.section .init.text, "ax"
target_once:
	ret

	.data
target_data:
	.quad 0
target_key:
	.quad 0
__SCK__target:
	.quad 0

	.section __ksymtab, "a"
__ksymtab_target_exported:
	.long 0
