# SPDX-License-Identifier: GPL-2.0-or-later
# KLP_RELOC_SYMBOL() and KLP_RELOC_SYMBOL_POS(): homonyms side by side, one
# module's symbol used by the replacement of another's function, and the same
# symbol once more without an annotation.
	.include "klp.inc"
	klp_object target
	klp_object other_module
func:
	call ".klp.sym.rela.vmlinux.vmlinux.homonym,1"
	call ".klp.sym.rela.vmlinux.vmlinux.homonym,2"
	call ".klp.sym.rela.target.other_module.other_hidden,0"
	call ".klp.sym.rela.other_module.other_module.other_hidden,0"
	call ".klp.sym.rela.vmlinux.vmlinux.hidden_func,0"
	call hidden_func
