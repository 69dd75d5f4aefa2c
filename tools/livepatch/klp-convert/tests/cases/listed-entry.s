# SPDX-License-Identifier: GPL-2.0-or-later
# A list of the right size, with something else than a symbol in it.
	.include "klp.inc"
	.section .klp.module_relocs.vmlinux, "aw"
	.quad hidden_func + 8
	.long 0
