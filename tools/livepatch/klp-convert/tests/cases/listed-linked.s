# SPDX-License-Identifier: GPL-2.0-or-later
# A section that has to stay beside a list, which does not stay.
	.include "klp.inc"
	klp_sympos vmlinux, hidden_func, 0
	.section .data.beside, "awo", @progbits, .klp.module_relocs.vmlinux
	.quad 0
