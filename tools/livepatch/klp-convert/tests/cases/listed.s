# SPDX-License-Identifier: GPL-2.0-or-later
# KLP_MODULE_RELOC(): the lists are gone afterwards, with all that is about them.
	.include "klp.inc"
	klp_object target
	klp_sympos vmlinux, homonym, 2
	klp_sympos vmlinux, hidden_func, 0
	klp_sympos target, target_twice, 1
	klp_sympos target, everywhere, 0
	klp_sympos vmlinux, late_key, 1		# used nowhere else
func:
	call homonym
	call target_twice
	call everywhere
	call hidden_func

	.section .debug_info
	.quad .klp.module_relocs.vmlinux
	.quad homonym
