# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel itself has no name among objects.
	.include "klp.inc"
	klp_patch
	klp_patched vmlinux_name, 0
	klp_patch_end

	.section .rodata.str1.1, "aMS", @progbits, 1
vmlinux_name:
	.asciz "vmlinux"
