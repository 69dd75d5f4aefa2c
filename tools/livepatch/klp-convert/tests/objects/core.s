# SPDX-License-Identifier: GPL-2.0-or-later
# First source file of the small vmlinux that the cases are converted against.
	.file "core.c"
	.text
	.globl exported_func
exported_func:
	ret
hidden_func:
	ret
homonym:
	ret
everywhere:
	ret

	.data
hidden_data:
	.quad 0
late_key:
	.quad 0

	.section "___ksymtab+exported_func", "a"
__ksymtab_exported_func:
	.long 0
