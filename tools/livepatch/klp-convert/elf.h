/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ELF file as sections, symbols and relocations that refer to each
 * other by pointer
 *
 * Reading checks everything that an index, an offset or a size in the file can
 * get wrong, so that nobody after it has to; numbers are given anew when the
 * file is written.  Only 64-bit little-endian files are read.
 */
#ifndef KLP_CONVERT_ELF_H
#define KLP_CONVERT_ELF_H

#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef SHF_RELA_LIVEPATCH
#define SHF_RELA_LIVEPATCH	0x00100000
#endif
#ifndef SHF_RO_AFTER_INIT
#define SHF_RO_AFTER_INIT	0x00200000
#endif
#ifndef SHN_LIVEPATCH
#define SHN_LIVEPATCH		0xff20
#endif

struct elf_section;

/**
 * struct elf_symbol - one entry of the symbol table
 * @name:	never NULL
 * @sym:	as in the file, but st_name is set anew on writing, and st_shndx
 *		as well when there is a @sec
 * @sec:	the section that defines it; NULL for a special index, which then
 *		is in @sym.st_shndx (SHN_UNDEF, SHN_ABS, SHN_LIVEPATCH, ...)
 * @index:	number in the table that was read, or is being written
 */
struct elf_symbol {
	const char *name;
	Elf64_Sym sym;
	struct elf_section *sec;
	size_t index;
};

/**
 * struct elf_reloc - one entry of a SHT_RELA section
 * @offset:	inside the section that is relocated
 * @type:	R_*
 * @addend:	added to the symbol's value
 * @sym:	never NULL
 */
struct elf_reloc {
	uint64_t offset;
	uint32_t type;
	int64_t addend;
	struct elf_symbol *sym;
};

/**
 * struct elf_section - one section
 * @name:	never NULL
 * @sh:		as in the file, but sh_name, sh_link, sh_info and sh_size are set
 *		anew on writing
 * @scn:	the section in the file that was read; NULL if it was added
 * @data:	sh_size bytes that take the place of those in the file; or NULL
 * @room:	bytes that there is memory for at @data, if that has grown
 * @index:	number in the file being written
 * @link:	what sh_link names, or NULL
 * @info:	what sh_info names where it is a section, or NULL
 * @relocs:	entries of a SHT_RELA section, see elf_read_relocs()
 * @nr_relocs:	their number
 */
struct elf_section {
	const char *name;
	Elf64_Shdr sh;
	Elf_Scn *scn;
	const void *data;
	size_t room;
	size_t index;
	struct elf_section *link;
	struct elf_section *info;
	struct elf_reloc *relocs;
	size_t nr_relocs;
};

/**
 * struct elf_file - an open file
 * @path:	for messages
 * @fd:		stays open, because libelf maps the file
 * @elf:	libelf's handle; names and contents are inside it
 * @ehdr:	the file header
 * @secs:	sections, without the null section
 * @nr_secs:	their number
 * @syms:	symbols, the null symbol included
 * @nr_syms:	their number, 0 if the file has no symbol table
 * @read_secs:	the memory of the sections that were read
 * @read_syms:	the memory of the symbols that were read
 * @symtab:	the only SHT_SYMTAB section, or NULL
 * @shstrtab:	holds the names of sections
 */
struct elf_file {
	const char *path;
	int fd;
	Elf *elf;
	Elf64_Ehdr ehdr;
	struct elf_section **secs;
	size_t nr_secs;
	struct elf_symbol **syms;
	size_t nr_syms;
	struct elf_section *read_secs;
	struct elf_symbol *read_syms;
	struct elf_section *symtab;
	struct elf_section *shstrtab;
};

struct elf_file *elf_open(const char *path);
void elf_close(struct elf_file *file);
void elf_read_relocs(struct elf_file *file);
void elf_write(struct elf_file *file, const char *path);

const void *elf_contents(const struct elf_file *file,
			 const struct elf_section *sec);
const char *elf_symbol_at(const struct elf_file *file,
			  const struct elf_section *sec, uint64_t offset);
const char *elf_modinfo(const struct elf_file *file, const char *key);
void elf_shorten_modinfo(struct elf_file *file, const char *old,
			 const char *value);
void elf_add_modinfo(struct elf_file *file, const char *key,
		     const char *value);
char *elf_build_id(const struct elf_file *file);
struct elf_section *elf_find_section(const struct elf_file *file,
				     const char *name);
struct elf_section *elf_relocs_of(const struct elf_file *file,
				  const struct elf_section *sec);
struct elf_section *elf_add_section(struct elf_file *file, const char *name,
				    struct elf_section *after);
void elf_remove_section(struct elf_file *file, struct elf_section *sec);

static inline bool elf_undefined(const struct elf_symbol *sym)
{
	return !sym->sec && sym->sym.st_shndx == SHN_UNDEF && *sym->name;
}

/* What to call a symbol in a message: a section's own symbol has no name. */
static inline const char *elf_symbol_name(const struct elf_symbol *sym)
{
	if (*sym->name)
		return sym->name;
	return sym->sec ? sym->sec->name : "no symbol";
}

/* Are these relocations of something that the kernel keeps in memory? */
static inline bool elf_relocates_memory(const struct elf_section *sec)
{
	return sec->sh.sh_type == SHT_RELA && sec->info &&
	       sec->info->sh.sh_flags & SHF_ALLOC;
}

#endif /* KLP_CONVERT_ELF_H */
