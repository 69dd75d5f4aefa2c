/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between architectures, as tables
 */
#ifndef KLP_CONVERT_ARCH_H
#define KLP_CONVERT_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_section;

/**
 * struct arch_reloc - a relocation that the architecture's module loader applies
 * @type:	R_*
 * @name:	for messages
 * @size:	bytes that it may write at r_offset, 0 if it writes nothing
 * @near:	it does not reach from a module to vmlinux
 */
struct arch_reloc {
	uint32_t type;
	const char *name;
	unsigned int size;
	bool near;
};

/**
 * struct arch_range - how an entry of a special section tells a range of code
 * @kind:	how its end is told
 * @start:	offset in the entry of the field that refers to its first byte
 * @end:	RANGE_FIELD: offset of the field that refers to the byte after
 *		it; RANGE_BYTE: offset of its length; RANGE_FIXED: its length;
 *		RANGE_INSN: nothing, it is an instruction, which tells
 */
struct arch_range {
	enum {
		RANGE_NONE,
		RANGE_FIXED,
		RANGE_BYTE,
		RANGE_FIELD,
		RANGE_INSN,
	} kind;
	uint8_t start;
	uint8_t end;
};

#define ARCH_RANGES	2

/**
 * struct arch_span - a range of code that an entry tells
 * @sec:	its section, or NULL for no range
 * @from:	offset of its first byte
 * @to:		offset of the byte after it
 */
struct arch_span {
	const struct elf_section *sec;
	uint64_t from;
	uint64_t to;
};

/**
 * struct arch_insn - the instruction that an entry is about
 * @code:	its bytes, and those that follow
 * @room:	their number
 * @offset:	of the first in its section
 * @key:	what the entry's field for a key refers to, with its flags
 * @len:	set: length of the instruction
 * @jumps:	set: it jumps to @target
 * @target:	set: offset in the section
 * @reach:	set: how far from its end a jump of this length can lead; 0 if
 *		that is further than any code
 */
struct arch_insn {
	const unsigned char *code;
	uint64_t room;
	uint64_t offset;
	uint64_t key;
	unsigned int len;
	bool jumps;
	uint64_t target;
	unsigned int reach;
};

/**
 * struct arch_special - a section whose entries say where code is to be patched
 * @name:	the section
 * @size:	bytes of an entry
 * @align:	of the section, at least
 * @from_entry:	fields count from the start of the entry, not from themselves
 * @ranges:	what is patched, and what is put there instead
 * @insn:	for RANGE_INSN: looks at an instruction; false if it is none that
 *		the core would patch.  No two entries can be about one
 * @key:	offset of the field that refers to a key, or 0
 * @target:	offset of the field that says where to jump, or 0
 * @wrong:	says why the core would not take a deferred entry, with its
 *		ranges, or NULL; none if there is nothing else to ask
 */
struct arch_special {
	const char *name;
	unsigned int size;
	unsigned int align;
	bool from_entry;
	struct arch_range ranges[ARCH_RANGES];
	bool (*insn)(struct arch_insn *insn);
	uint8_t key;
	uint8_t target;
	const char *(*wrong)(const unsigned char *entry,
			     const struct arch_span *spans);
};

/**
 * struct arch - one architecture
 * @machine:	EM_*
 * @pointer:	the relocation of a pointer in data
 * @nothing:	a relocation that the module loader passes over
 * @branches:	the relocations of a branch that returns only if the lowest bit of
 *		the instruction is set, and must return, because the callee has
 *		another TOC; @nothing where there is none
 * @nop:	what has to be behind a branch of the first kind that returns, for
 *		the module loader to restore the TOC there
 * @keep_toc:	functions after which it need not; ends with NULL
 * @zero:	a place that is relocated late has to be zero before
 * @keeps_init:	a module's init sections are like others, module_init_section()
 * @flags_mask:	the part of e_flags that tells of calling conventions
 * @flags:	those of the kernel
 * @relocs:	what can be a livepatch relocation; ends with a NULL name
 * @early:	what some kernels apply, too, but not as a livepatch relocation;
 *		ends with @nothing
 * @own_symbols: undefined symbols that the module loader itself supplies;
 *		ends with NULL
 * @specials:	sections that the core can process late; ends with a NULL name
 */
struct arch {
	unsigned int machine;
	uint32_t pointer;
	uint32_t nothing;
	uint32_t branches[2];
	unsigned char nop[4];
	const char *const *keep_toc;
	bool zero;
	bool keeps_init;
	uint32_t flags_mask;
	uint32_t flags;
	const struct arch_reloc *relocs;
	const uint32_t *early;
	const char *const *own_symbols;
	const struct arch_special *specials;
};

const struct arch *arch_find(unsigned int machine);
const struct arch_reloc *arch_reloc(const struct arch *arch, uint32_t type);
bool arch_frees_init(unsigned int machine);
bool arch_knows_reloc(const struct arch *arch, uint32_t type);
bool arch_own_symbol(const struct arch *arch, const char *name);
bool arch_keeps_toc(const struct arch *arch, const char *name);
const struct arch_special *arch_special(const struct arch *arch,
					const char *name);

#endif /* KLP_CONVERT_ARCH_H */
