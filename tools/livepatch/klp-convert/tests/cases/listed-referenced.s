# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing that stays in memory may refer to a list.
	.include "klp.inc"
	klp_sympos vmlinux, hidden_func, 0
	.data
	.quad .klp.module_relocs.vmlinux
