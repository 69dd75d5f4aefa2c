// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The architectures that have livepatch relocations, see arch.h
 *
 * The lists of relocations are those of apply_relocate_add() in the kernel's
 * arch/.../kernel/module*.c.
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

static const struct arch archs[] = {
	{ EM_X86_64, R_X86_64_64, R_X86_64_NONE, x86_64_relocs, no_symbols },
	{ EM_PPC64, R_PPC64_ADDR64, R_PPC64_TOCSAVE, ppc64_relocs, ppc64_symbols },
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
