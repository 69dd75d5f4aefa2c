# SPDX-License-Identifier: GPL-2.0-or-later
# Another module, old enough not to say its name in .modinfo.
	.file "other.c"
	.text
	.globl other_exported
other_exported:
	ret
other_hidden:
	ret

	.section __ksymtab, "a"
__ksymtab_other_exported:
	.long 0
