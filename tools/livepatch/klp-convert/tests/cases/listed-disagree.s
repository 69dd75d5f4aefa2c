# SPDX-License-Identifier: GPL-2.0-or-later
	.include "klp.inc"
	klp_sympos vmlinux, homonym, 1
	klp_sympos vmlinux, homonym, 2
	klp_sympos target, everywhere, 0
	klp_sympos vmlinux, everywhere, 0
	call homonym
