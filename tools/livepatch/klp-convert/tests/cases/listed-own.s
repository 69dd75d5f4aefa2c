# SPDX-License-Identifier: GPL-2.0-or-later
# Neither a symbol of the livepatch itself nor one that has an annotation.
	.include "klp.inc"
	.globl own
own:
	klp_sympos vmlinux, own, 0
	.section .klp.module_relocs.vmlinux, "aw"
	.quad ".klp.sym.rela.vmlinux.vmlinux.homonym,1"
	.long 2
