# SPDX-License-Identifier: GPL-2.0-or-later
# The two ways in which a relocation's and its symbol's object cannot go
# together.
	.include "klp.inc"
	klp_object target
	call ".klp.sym.rela.target.vmlinux.hidden_func,0"
	call ".klp.sym.rela.vmlinux.target.target_hidden,0"
