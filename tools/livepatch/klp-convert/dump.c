// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Show what is livepatch-specific in a module, see dump.h
 *
 * One fact a line, in an order that depends on nothing but the module: tests
 * compare it.
 */
#include <stdio.h>
#include <string.h>

#include "dump.h"
#include "names.h"
#include "special.h"
#include "util.h"

static void dump_objects(const struct elf_file *file)
{
	const char **objects = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < file->nr_secs; i++) {
		const char *object;
		bool known = false;

		if (!starts_with(file->secs[i]->name, KLP_RELA_PREFIX) ||
		    klp_parse_rela(file->secs[i]->name, &object))
			continue;
		for (size_t j = 0; j < nr; j++)
			known |= !strcmp(objects[j], object);
		if (known)
			continue;
		push(objects, nr, object);
		printf("object %s\n", object);
	}
}

static void dump_relocs(const struct arch *arch, const struct elf_section *sec)
{
	printf("section %s applies to %s\n", sec->name,
	       sec->info ? sec->info->name : "nothing");
	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *reloc = &sec->relocs[i];
		const struct arch_reloc *type = arch_reloc(arch, reloc->type);

		printf("  0x%lx ", (unsigned long)reloc->offset);
		if (type)
			printf("%s", type->name);
		else
			printf("type %u", reloc->type);
		printf(" %s %+ld\n", elf_symbol_name(reloc->sym),
		       (long)reloc->addend);
	}
}

/**
 * dump() - print objects, livepatch symbols and relocations, deferred entries
 * @file: the module, with its relocations read
 * @arch: its architecture
 */
void dump(const struct elf_file *file, const struct arch *arch)
{
	dump_objects(file);
	for (size_t i = 0; i < file->nr_syms; i++)
		if (!file->syms[i]->sec &&
		    file->syms[i]->sym.st_shndx == SHN_LIVEPATCH)
			printf("symbol %s\n", file->syms[i]->name);
	for (size_t i = 0; i < file->nr_secs; i++)
		if (file->secs[i]->sh.sh_flags & SHF_RELA_LIVEPATCH)
			dump_relocs(arch, file->secs[i]);
	for (size_t i = 0; i < file->nr_secs; i++)
		special_dump(file, arch, file->secs[i]);
}
