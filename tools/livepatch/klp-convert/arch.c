// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The architectures that have livepatch relocations, see arch.h
 *
 * The lists of relocations are those of klp_arch_reloc_size() in the kernel's
 * arch/.../kernel/livepatch.c.  Entries of special sections are the structures
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

#define RELOC(type, size)	{ type, #type, size, false }
#define NEAR_RELOC(type, size)	{ type, #type, size, true }

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

/* Modules are in another part of the address space. */
static const struct arch_reloc ppc64_relocs[] = {
	NEAR_RELOC(R_PPC64_ADDR32, 4),
	RELOC(R_PPC64_ADDR64, 8),
	RELOC(R_PPC64_TOC, 8),
	NEAR_RELOC(R_PPC64_TOC16, 2),
	NEAR_RELOC(R_PPC64_TOC16_LO, 2),
	NEAR_RELOC(R_PPC64_TOC16_DS, 2),
	NEAR_RELOC(R_PPC64_TOC16_LO_DS, 2),
	NEAR_RELOC(R_PPC64_TOC16_HA, 2),
	/* A call, and the instruction after it. */
	RELOC(R_PPC64_REL24, 8),
	RELOC(R_PPC64_REL64, 8),
	NEAR_RELOC(R_PPC64_REL32, 4),
	RELOC(R_PPC64_TOCSAVE, 0),
	RELOC(R_PPC64_ENTRY, 8),
	NEAR_RELOC(R_PPC64_REL16_HA, 2),
	NEAR_RELOC(R_PPC64_REL16_LO, 2),
	{ 0 }
};

/* With CONFIG_PPC_KERNEL_PCREL. */
static const uint32_t ppc64_early[] = {
	R_PPC64_REL24_NOTOC,
	R_PPC64_PCREL34,
	R_PPC64_GOT_PCREL34,
	R_PPC64_TOCSAVE,
};

static const uint32_t x86_64_early[] = { R_X86_64_NONE };

static const char *const no_symbols[] = { NULL };
/* Older assemblers leave it undefined, and the loader ignores it. */
static const char *const x86_64_symbols[] = { "_GLOBAL_OFFSET_TABLE_", NULL };
static const char *const ppc64_symbols[] = { ".TOC.", NULL };

/* What the compiler calls for ftrace. */
static const char *const ppc64_keep_toc[] = {
	"_mcount",
	"ftrace_caller",
	"ftrace_regs_caller",
	NULL,
};

static bool x86_64_jump(struct arch_insn *insn)
{
	static const unsigned char nop2[] = { 0x66, 0x90 };
	static const unsigned char nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	const unsigned char *code = insn->code;

	if (insn->room < sizeof(nop2))
		return false;
	insn->len = sizeof(nop2);
	insn->reach = INT8_MAX;
	if (!memcmp(code, nop2, sizeof(nop2)))
		return true;
	if (*code == 0xeb) {
		insn->jumps = true;
		insn->target = insn->offset + 2 + (int8_t)code[1];
		return true;
	}

	if (insn->room < sizeof(nop5))
		return false;
	insn->len = sizeof(nop5);
	insn->reach = 0;
	if (!memcmp(code, nop5, sizeof(nop5)))
		return true;
	if (*code == 0xe9) {
		insn->jumps = true;
		insn->target = insn->offset + 5 + (int32_t)number_at(code + 1, sizeof(uint32_t));
		return true;
	}
	return false;
}

/* A call; or, as the key's flag says, a jump, which may be a conditional one. */
static bool x86_64_static_call(struct arch_insn *insn)
{
	const unsigned char *code = insn->code;
	bool tail = insn->key & 1;

	if (insn->room < 5)
		return false;
	insn->len = 5;
	if (*code == (tail ? 0xe9 : 0xe8))
		return true;
	insn->len = 6;
	return tail && insn->room >= 6 && code[0] == 0x0f &&
	       (code[1] & 0xf0) == 0x80;
}

/* The fields of struct alt_instr. */
static const char *x86_64_alternative(const unsigned char *entry,
				      const struct arch_span *spans)
{
	unsigned int flags = entry[10], len = entry[12], new_len = entry[13];

	(void)spans;
	if (new_len > len)
		return "puts more there than it replaces";
	if (len == UINT8_MAX)
		return "replaces more than the kernel can";
	if (flags & 2)
		return "makes a direct call of what only vmlinux has";
	return NULL;
}

/*
 * As the kernel has them in arch/.../kernel/livepatch.c.  Other special sections
 * are about code that refers to nothing, and never late.
 */
static const struct arch_special x86_64_specials[] = {
	{
		.name	= ".altinstructions",
		.size	= 14,
		.align	= 1,
		.ranges	= { { RANGE_BYTE, 0, 12 }, { RANGE_BYTE, 4, 13 } },
		.wrong	= x86_64_alternative,
	},
	{
		.name	= ".call_sites",
		.size	= 4,
		.align	= 1,
		.ranges	= { { RANGE_FIXED, 0, 5 } },
	},
	{
		.name	= "__jump_table",
		.size	= 16,
		.align	= 8,
		.ranges	= { { RANGE_INSN, 0, 0 } },
		.insn	= x86_64_jump,
		.target	= 4,
		.key	= 8,
	},
	{
		.name	= ".static_call_sites",
		.size	= 8,
		.align	= 1,
		.ranges	= { { RANGE_INSN, 0, 0 } },
		.insn	= x86_64_static_call,
		.key	= 4,
	},
	{ 0 }
};

static bool ppc64_jump(struct arch_insn *insn)
{
	uint32_t word;

	if (insn->room < 4 || insn->offset % 4)
		return false;
	insn->len = 4;
	word = number_at(insn->code, sizeof(uint32_t));
	if (word == 0x60000000)
		return true;
	/* b: neither absolute nor a call. */
	insn->jumps = true;
	insn->target = insn->offset + ((int32_t)(word << 6) >> 6);
	return word >> 26 == 18 && !(word & 3);
}

static const char *ppc64_fixup(const unsigned char *entry,
			       const struct arch_span *spans)
{
	uint64_t len = spans[0].to - spans[0].from;
	uint64_t new_len = spans[1].to - spans[1].from;

	(void)entry;
	if (!len || len > UINT16_MAX)
		return "replaces nothing, or more than the kernel can";
	if (new_len > len)
		return "puts more there than it replaces";
	if ((spans[0].from | spans[1].from | len | new_len) % 4)
		return "is about parts of instructions";
	return NULL;
}

#define PPC64_FIXUP(section)						\
	{								\
		.name		= section,				\
		.size		= 48,					\
		.align		= 8,					\
		.from_entry	= true,					\
		.ranges		= { { RANGE_FIELD, 16, 24 },		\
				    { RANGE_FIELD, 32, 40 } },		\
		.wrong		= ppc64_fixup,				\
	}

static const struct arch_special ppc64_specials[] = {
	PPC64_FIXUP("__ftr_fixup"),
	PPC64_FIXUP("__mmu_ftr_fixup"),
	PPC64_FIXUP("__fw_ftr_fixup"),
	{
		.name	= "__jump_table",
		.size	= 16,
		.align	= 8,
		.ranges	= { { RANGE_INSN, 0, 0 } },
		.insn	= ppc64_jump,
		.target	= 4,
		.key	= 8,
	},
	{ 0 }
};

static const struct arch archs[] = {
	{
		.machine	= EM_X86_64,
		.pointer	= R_X86_64_64,
		.nothing	= R_X86_64_NONE,
		.branches	= { R_X86_64_NONE, R_X86_64_NONE },
		.keep_toc	= no_symbols,
		.zero		= true,
		.relocs		= x86_64_relocs,
		.early		= x86_64_early,
		.own_symbols	= x86_64_symbols,
		.specials	= x86_64_specials,
	},
	{
		.machine	= EM_PPC64,
		.pointer	= R_PPC64_ADDR64,
		.nothing	= R_PPC64_TOCSAVE,
		.branches	= { R_PPC64_REL24, R_PPC64_REL24_NOTOC },
		.nop		= { 0x00, 0x00, 0x00, 0x60 },
		.keep_toc	= ppc64_keep_toc,
		.keeps_init	= true,
		.flags_mask	= 3,
		.flags		= 2,
		.relocs		= ppc64_relocs,
		.early		= ppc64_early,
		.own_symbols	= ppc64_symbols,
		.specials	= ppc64_specials,
	},
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
 * arch_frees_init() - are a module's init sections gone when it is running
 * @machine: e_machine
 *
 * Return: whether that is so; on most architectures it is.
 */
bool arch_frees_init(unsigned int machine)
{
	const struct arch *arch = arch_find(machine);

	return !arch || !arch->keeps_init;
}

/**
 * arch_reloc() - look up a relocation type
 * @arch: the architecture
 * @type: R_*
 *
 * Return: its description, or NULL if the kernel cannot apply it late.
 */
const struct arch_reloc *arch_reloc(const struct arch *arch, uint32_t type)
{
	for (const struct arch_reloc *reloc = arch->relocs; reloc->name; reloc++)
		if (reloc->type == type)
			return reloc;
	return NULL;
}

/**
 * arch_knows_reloc() - may the module loader apply this relocation?
 * @arch: the architecture
 * @type: R_*
 *
 * Return: false if no kernel of the architecture can.
 */
bool arch_knows_reloc(const struct arch *arch, uint32_t type)
{
	for (const uint32_t *early = arch->early; *early != arch->nothing; early++)
		if (*early == type)
			return true;
	return arch_reloc(arch, type);
}

static bool is_one_of(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
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
	return is_one_of(arch->own_symbols, name);
}

/**
 * arch_keeps_toc() - may a call of this function have no nop behind it?
 * @arch: the architecture
 * @name: the symbol
 *
 * Return: true if so.
 */
bool arch_keeps_toc(const struct arch *arch, const char *name)
{
	return is_one_of(arch->keep_toc, name);
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
