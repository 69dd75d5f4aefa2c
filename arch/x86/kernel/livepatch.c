// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What live patching needs to know about x86.
 */
#include <linux/elf.h>
#include <linux/livepatch.h>

/* The types that apply_relocate_add() knows. */
int klp_arch_reloc_size(unsigned int type)
{
	switch (type) {
	case R_X86_64_NONE:
		return 0;
	case R_X86_64_64:
	case R_X86_64_PC64:
		return 8;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return 4;
	default:
		return -ENOEXEC;
	}
}
