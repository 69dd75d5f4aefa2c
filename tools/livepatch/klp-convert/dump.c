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
#include "patch.h"
#include "special.h"
#include "util.h"

static void add_object(struct patch *patch, const char *object)
{
	if (!patch_has_object(patch, object))
		push(patch->objects, patch->nr_objects, object);
}

/* Objects that are patched, and those that relocations or sections wait for. */
static void dump_objects(const struct elf_file *file, struct patch *patch)
{
	for (size_t i = 0; i < file->nr_secs; i++) {
		const char *name = file->secs[i]->name, *object, *section;

		if ((starts_with(name, KLP_RELA_PREFIX) &&
		     !klp_parse_rela(name, &object)) ||
		    (starts_with(name, KLP_ARCH_PREFIX) &&
		     !klp_parse_arch(name, &object, &section)))
			add_object(patch, object);
	}
	for (size_t i = 0; i < patch->nr_objects; i++)
		printf("object %s\n", patch->objects[i]);
	for (size_t i = 0; i < patch->nr_funcs; i++)
		printf("function %s.%s,%lu is replaced by %s\n",
		       patch->funcs[i].object, patch->funcs[i].name,
		       patch->funcs[i].pos, patch->funcs[i].new_func);
	for (size_t i = 0; i < patch->nr_stack_only; i++) {
		const struct patch_func *func = &patch->stack_only[i];

		if (func->name)
			printf("function %s.%s,%lu is looked for on stacks\n",
			       func->object, func->name, func->pos);
		if (func->new_func)
			printf("function %s is looked for on stacks, for %s\n",
			       func->new_func, func->object);
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
 * dump() - print all that is livepatch-specific
 * @file: the module, with its relocations read
 * @arch: its architecture
 */
void dump(const struct elf_file *file, const struct arch *arch)
{
	const char *depends = elf_modinfo(file, "depends");
	struct patch patch = {0};

	patch_read(file, arch, &patch);
	dump_objects(file, &patch);
	if (depends && *depends)
		printf("depends on %s\n", depends);
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
