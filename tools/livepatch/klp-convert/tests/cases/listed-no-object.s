# SPDX-License-Identifier: GPL-2.0-or-later
	.include "klp.inc"
	klp_sympos vm.linux, hidden_func, 0
