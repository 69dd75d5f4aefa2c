# SPDX-License-Identifier: GPL-2.0-or-later
# First source file of the small vmlinux that the cases are converted against.
	.file "core.c"
	.text
	.globl exported_func
exported_func:
	ret
	.globl exported_homonym
exported_homonym:
	ret
	.globl exported_twice
exported_twice:
	ret
hidden_func:
	ret
homonym:
	ret
everywhere:
	ret
	.globl __SCT__kernel
__SCT__kernel:
	ret

	.data
hidden_data:
	.quad 0
late_key:
	.quad 0
sometimes:
	.quad 0
	.globl __SCK__kernel
__SCK__kernel:
	.quad 0

	.section .init.data, "aw"
gone:
	.quad 0
	.section .data..percpu, "aw"
for_each_cpu:
	.quad 0

	.section "___ksymtab+exported_func", "a"
__ksymtab_exported_func:
	.long 0
__ksymtab_exported_homonym:
	.long 0
__ksymtab_exported_twice:
	.long 0
__ksymtab___SCT__kernel:
	.long 0
__ksymtab___SCK__kernel:
	.long 0
