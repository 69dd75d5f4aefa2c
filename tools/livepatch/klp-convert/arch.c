// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The architectures that have livepatch relocations, see arch.h
 *
 * The lists of relocations are those of apply_relocate_add() in the kernel's
 * arch/.../kernel/module*.c.  Entries of special sections are the structures
 * alt_instr, jump_entry, static_call_site and fixup_entry, and plain offsets.
 */
#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "arch.h"
#include "util.h"

/* Younger than the elf.h of some build hosts. */
#ifndef R_PPC64_REL24_NOTOC
#define R_PPC64_REL24_NOTOC	116
#endif
#ifndef R_PPC64_ENTRY
#define R_PPC64_ENTRY		118
#endif
#ifndef R_PPC64_PCREL34
#define R_PPC64_PCREL34		132
#endif
#ifndef R_PPC64_GOT_PCREL34
#define R_PPC64_GOT_PCREL34	133
#endif

#define RELOC(type, size)	{ type, #type, size }

static const struct arch_reloc x86_64_relocs[] = {
	RELOC(R_X86_64_NONE, 0),
	RELOC(R_X86_64_64, 8),
	RELOC(R_X86_64_32, 4),
	RELOC(R_X86_64_32S, 4),
	RELOC(R_X86_64_PC32, 4),
	RELOC(R_X86_64_PLT32, 4),
	RELOC(R_X86_64_PC64, 8),
	{ 0 }
};

static const struct arch_reloc ppc64_relocs[] = {
	RELOC(R_PPC64_ADDR32, 4),
	RELOC(R_PPC64_ADDR64, 8),
	RELOC(R_PPC64_TOC, 8),
	RELOC(R_PPC64_TOC16, 2),
	RELOC(R_PPC64_TOC16_LO, 2),
	RELOC(R_PPC64_TOC16_DS, 2),
	RELOC(R_PPC64_TOC16_LO_DS, 2),
	RELOC(R_PPC64_TOC16_HA, 2),
	RELOC(R_PPC64_REL24, 4),
	RELOC(R_PPC64_REL24_NOTOC, 4),
	RELOC(R_PPC64_REL64, 8),
	RELOC(R_PPC64_REL32, 4),
	RELOC(R_PPC64_PCREL34, 8),
	RELOC(R_PPC64_TOCSAVE, 0),
	RELOC(R_PPC64_ENTRY, 8),
	RELOC(R_PPC64_REL16_HA, 2),
	RELOC(R_PPC64_REL16_LO, 2),
	RELOC(R_PPC64_GOT_PCREL34, 8),
	{ 0 }
};

static const char *const no_symbols[] = { NULL };
static const char *const ppc64_symbols[] = { ".TOC.", NULL };

/*
 * As the kernel has them in arch/.../kernel/livepatch.c.  A static key's entry
 * covers no code that could refer to anything: a nop, or a jump inside the
 * function.  Other special sections are about such code only, and never late.
 */
static const struct arch_special x86_64_specials[] = {
	{ ".altinstructions", 14, 1, false,
	  { { RANGE_BYTE, 0, 12 }, { RANGE_BYTE, 4, 13 } } },
	{ ".call_sites", 4, 1, false, { { RANGE_FIXED, 0, 5 } } },
	{ "__jump_table", 16, 8, false, { { RANGE_FIXED, 0, 0 } } },
	{ ".static_call_sites", 8, 1, false, { { RANGE_FIXED, 0, 5 } } },
	{ 0 }
};

#define PPC64_FIXUP	{ { RANGE_FIELD, 16, 24 }, { RANGE_FIELD, 32, 40 } }

static const struct arch_special ppc64_specials[] = {
	{ "__ftr_fixup", 48, 8, true, PPC64_FIXUP },
	{ "__mmu_ftr_fixup", 48, 8, true, PPC64_FIXUP },
	{ "__fw_ftr_fixup", 48, 8, true, PPC64_FIXUP },
	{ "__jump_table", 16, 8, false, { { RANGE_FIXED, 0, 0 } } },
	{ 0 }
};

static const struct arch archs[] = {
	{ EM_X86_64, R_X86_64_64, R_X86_64_NONE, R_X86_64_NONE,
	  x86_64_relocs, no_symbols, x86_64_specials },
	{ EM_PPC64, R_PPC64_ADDR64, R_PPC64_TOCSAVE, R_PPC64_REL24,
	  ppc64_relocs, ppc64_symbols, ppc64_specials },
};

/**
 * arch_find() - the architecture of a file
 * @machine: e_machine
 *
 * Return: the architecture, or NULL if it has no livepatch relocations.
 */
const struct arch *arch_find(unsigned int machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (archs[i].machine == machine)
			return &archs[i];
	return NULL;
}

/**
 * arch_reloc() - look up a relocation type
 * @arch: the architecture
 * @type: R_*
 *
 * Return: its description, or NULL if the kernel cannot apply it.
 */
const struct arch_reloc *arch_reloc(const struct arch *arch, uint32_t type)
{
	for (const struct arch_reloc *reloc = arch->relocs; reloc->name; reloc++)
		if (reloc->type == type)
			return reloc;
	return NULL;
}

/**
 * arch_own_symbol() - does the module loader supply this undefined symbol?
 * @arch: the architecture
 * @name: the symbol
 *
 * Return: true if so.
 */
bool arch_own_symbol(const struct arch *arch, const char *name)
{
	for (const char *const *own = arch->own_symbols; *own; own++)
		if (!strcmp(*own, name))
			return true;
	return false;
}

/**
 * arch_special() - look up a special section
 * @arch: the architecture
 * @name: the section
 *
 * Return: its description, or NULL if the core does not process it late.
 */
const struct arch_special *arch_special(const struct arch *arch,
					const char *name)
{
	for (const struct arch_special *spec = arch->specials; spec->name; spec++)
		if (!strcmp(spec->name, name))
			return spec;
	return NULL;
}
