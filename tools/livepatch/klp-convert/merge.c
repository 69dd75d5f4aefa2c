// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Merge sections, see merge.h
 *
 * ".text.NAME" becomes a part of ".text", and so on.  Names with two dots, such
 * as ".data..percpu", mean something to the kernel and stay.
 */
#include <string.h>

#include "merge.h"
#include "util.h"

static const char *const bases[] = { ".text", ".rodata", ".data", ".bss" };

/* The name of what a section is a part of, or NULL. */
static const char *base_of(const struct elf_section *sec)
{
	Elf64_Xword plain = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR;

	if (!(sec->sh.sh_flags & SHF_ALLOC) || sec->sh.sh_flags & ~plain ||
	    sec->sh.sh_entsize ||
	    (sec->sh.sh_type != SHT_PROGBITS && sec->sh.sh_type != SHT_NOBITS))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		size_t len = strlen(bases[i]);

		if (!strncmp(sec->name, bases[i], len) &&
		    sec->name[len] == '.' && sec->name[len + 1] &&
		    sec->name[len + 1] != '.' &&
		    strncmp(sec->name + len, ".rel.", 5))
			return bases[i];
	}
	return NULL;
}

static bool alike(const struct elf_section *x, const struct elf_section *y)
{
	return x->sh.sh_type == y->sh.sh_type && x->sh.sh_flags == y->sh.sh_flags;
}

static struct elf_section *find_base(const struct elf_file *file,
				     const char *name,
				     const struct elf_section *like)
{
	for (size_t i = 0; i < file->nr_secs; i++)
		if (!strcmp(file->secs[i]->name, name) &&
		    alike(file->secs[i], like))
			return file->secs[i];
	return NULL;
}

/*
 * Is there but one section to be extended, or none?  Livepatch relocations, of a module that
 * is converted already, are found by the section's name.
 */
static bool can_be_moved(const struct elf_file *file,
			 const struct elf_section *sec)
{
	size_t nr = 0;

	for (size_t i = 0; i < file->nr_secs; i++) {
		const struct elf_section *relocs = file->secs[i];

		if (relocs->sh.sh_type != SHT_RELA || relocs->info != sec)
			continue;
		if (relocs->sh.sh_flags & SHF_RELA_LIVEPATCH)
			return false;
		nr++;
	}
	return nr <= 1;
}

/* Twice as much as is needed, so that many parts take no more memory than they have. */
static unsigned char *with_room(const struct elf_file *file, struct elf_section *base,
				uint64_t size)
{
	/* This makes sure that the file is as large as it says. */
	const void *old = elf_contents(file, base);
	unsigned char *data;

	if (size <= base->room)
		return (unsigned char *)old;
	data = xalloc(size, 2);
	if (base->sh.sh_size)
		memcpy(data, old, base->sh.sh_size);
	base->room = 2 * size;
	base->data = data;
	return data;
}

/* Put the contents of @part behind those of @base; returns where they begin. */
static uint64_t append_contents(const struct elf_file *file,
				struct elf_section *base,
				const struct elf_section *part)
{
	uint64_t align = part->sh.sh_addralign ? part->sh.sh_addralign : 1;
	uint64_t at = (base->sh.sh_size + align - 1) & ~(align - 1);

	/* Nothing else tells how large sections without contents can be. */
	if (at < base->sh.sh_size || at + part->sh.sh_size < at)
		die("%s: %s: is too large", file->path, part->name);
	if (base->sh.sh_type != SHT_NOBITS) {
		const void *new = elf_contents(file, part);
		unsigned char *data = with_room(file, base, at + part->sh.sh_size);

		if (part->sh.sh_size)
			memcpy(data + at, new, part->sh.sh_size);
	}
	base->sh.sh_size = at + part->sh.sh_size;
	if (align > base->sh.sh_addralign)
		base->sh.sh_addralign = align;
	return at;
}

static void move_relocs(struct elf_file *file, struct elf_section *base,
			struct elf_section *part, uint64_t at)
{
	struct elf_section *from = elf_relocs_of(file, part);
	struct elf_section *to = elf_relocs_of(file, base);

	if (!from)
		return;
	for (size_t i = 0; i < from->nr_relocs; i++)
		from->relocs[i].offset += at;
	if (!to) {
		from->info = base;
		from->name = xasprintf(".rela%s", base->name);
		return;
	}
	for (size_t i = 0; i < from->nr_relocs; i++)
		push(to->relocs, to->nr_relocs, from->relocs[i]);
	from->nr_relocs = 0;
}

static struct elf_symbol *section_symbol(const struct elf_file *file,
					 const struct elf_section *sec)
{
	for (size_t i = 0; i < file->nr_syms; i++)
		if (file->syms[i]->sec == sec &&
		    ELF64_ST_TYPE(file->syms[i]->sym.st_info) == STT_SECTION)
			return file->syms[i];
	return NULL;
}

/* A section's own symbol always stands for its start. */
static void move_symbols(struct elf_file *file, struct elf_section *base,
			 struct elf_section *part, uint64_t at)
{
	struct elf_symbol *own = section_symbol(file, part);
	struct elf_symbol *other = section_symbol(file, base);

	for (size_t i = 0; own && i < file->nr_secs; i++)
		for (size_t j = 0; j < file->secs[i]->nr_relocs; j++) {
			struct elf_reloc *reloc = &file->secs[i]->relocs[j];

			if (reloc->sym != own)
				continue;
			reloc->addend += at;
			if (other)
				reloc->sym = other;
		}
	for (size_t i = 0; i < file->nr_syms; i++) {
		struct elf_symbol *sym = file->syms[i];

		if (sym->sec != part || (sym == own && other))
			continue;
		sym->sec = base;
		if (sym != own)
			sym->sym.st_value += at;
	}
	for (size_t i = 0; i < file->nr_secs; i++)
		if (file->secs[i]->link == part)
			file->secs[i]->link = base;
}

/* They tell linkers what belongs together, and no loader. */
static void drop_groups(struct elf_file *file)
{
	size_t i = 0;

	while (i < file->nr_secs) {
		struct elf_section *sec = file->secs[i];

		if (sec->sh.sh_type == SHT_GROUP) {
			elf_remove_section(file, sec);
			continue;
		}
		sec->sh.sh_flags &= ~(Elf64_Xword)SHF_GROUP;
		i++;
	}
}

/**
 * merge_sections() - merge what only the compiler has taken apart
 * @file: a livepatch module, with its relocations read
 *
 * To be done before anything remembers sections or places in them.
 */
void merge_sections(struct elf_file *file)
{
	struct part {
		struct elf_section *sec;
		const char *base;
	} *parts = NULL;
	size_t nr = 0;

	drop_groups(file);
	for (size_t i = 0; i < file->nr_secs; i++) {
		struct part part = { file->secs[i], base_of(file->secs[i]) };

		if (part.base && can_be_moved(file, part.sec))
			push(parts, nr, part);
	}
	for (size_t i = 0; i < nr; i++) {
		struct elf_section *sec = parts[i].sec;
		const char *name = parts[i].base;
		struct elf_section *base = find_base(file, name, sec);
		uint64_t at;

		if (base && !can_be_moved(file, base))
			continue;
		/* Of another kind: the kernel takes no two of one name. */
		if (!base && elf_find_section(file, name))
			continue;
		if (!base) {
			struct elf_section *relocs = elf_relocs_of(file, sec);

			if (relocs)
				relocs->name = xasprintf(".rela%s", name);
			sec->name = name;
			continue;
		}
		at = append_contents(file, base, sec);
		move_relocs(file, base, sec, at);
		move_symbols(file, base, sec, at);
		elf_remove_section(file, sec);
	}
}
