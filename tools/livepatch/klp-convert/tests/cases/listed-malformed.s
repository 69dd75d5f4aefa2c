# SPDX-License-Identifier: GPL-2.0-or-later
	.include "klp.inc"
	.section .klp.module_relocs.vmlinux, "aw"
	.quad hidden_func
