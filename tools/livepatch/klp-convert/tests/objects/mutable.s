# SPDX-License-Identifier: GPL-2.0-or-later
# A livepatch with the sections and symbols that klp-mutate looks for.
	.include "klp.inc"
	klp_object test_klp_reloc_target
new_call:
	far_call ".klp.sym.rela.vmlinux.vmlinux.saved_command_line,0"
	far_call ".klp.sym.rela.vmlinux.vmlinux.version_proc_show,0"
	far_call ".klp.sym.rela.test_klp_reloc_target.test_klp_reloc_target.klp_reloc_hidden,0"
	far_call ".klp.sym.rela.test_klp_reloc_target.test_klp_reloc_target.klp_reloc_seed,0"

	.data
	.quad ".klp.sym.rela.vmlinux.vmlinux.saved_command_line,0"

	.bss
	.skip 8

	.section .data..percpu, "aw"
	.quad 0

	.section .init.text, "ax"
	far_call new_call

	.section .exit.text, "ax"
	far_call new_call

	.section .comment
	.asciz "some compiler"

	.section .gnu.linkonce.this_module, "aw"
	.quad 0, 0, 0
	.asciz "test_klp_reloc"
	.quad 0

	.section .stubs, "ax", @nobits
