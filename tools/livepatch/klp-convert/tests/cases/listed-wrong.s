# SPDX-License-Identifier: GPL-2.0-or-later
	.include "klp.inc"
	klp_object target
	klp_object no_module
	klp_sympos vmlinux, homonym, 3
	klp_sympos target, target_twice, 0
	klp_sympos target, hidden_func, 0
	klp_sympos no_module, other_hidden, 0
	call homonym
	call target_twice
	call hidden_func
	call other_hidden
