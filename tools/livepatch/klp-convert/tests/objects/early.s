# SPDX-License-Identifier: GPL-2.0-or-later
# Second source file of the small vmlinux; the link puts its code before that
# of the first, so that places in the symbol table and addresses disagree.
	.file "early.c"
	.section .text.early, "ax"
homonym:
	ret
exported_twice:
	ret
	.section .init.data, "aw"
sometimes:
	.quad 0
