// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the module loader keeps of a livepatch module's ELF file.
 *
 * Relocations against a module that is not there yet are applied long after the
 * livepatch module has loaded.  They need the section headers, with the
 * addresses that the sections got, and the symbol table; the loader keeps
 * neither for other modules.
 */
#include <linux/livepatch.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "internal.h"

/**
 * check_livepatch_elf() - refuse a livepatch module with malformed relocations
 * @info:	the module as it came from user space, not laid out yet
 *
 * Context: May sleep.
 * Return: see klp_check_elf().
 */
int check_livepatch_elf(const struct load_info *info)
{
	return klp_check_elf(info->name, info->hdr, info->sechdrs, info->secstrings,
			     info->strtab, info->index.sym);
}

/**
 * klp_module_uses() - does a module keep another one from going?
 * @mod:	a module that is loaded, or is being loaded and has its symbols
 * @other:	one that cannot go meanwhile
 *
 * Context: May sleep; takes module_mutex, under klp_mutex.  The loader holds
 * module_mutex nowhere where it calls live patching.
 * Return: true if @mod uses symbols of @other, or no module ever goes.
 */
bool klp_module_uses(const struct module *mod, const struct module *other)
{
#ifdef CONFIG_MODULE_UNLOAD
	const struct module_use *use;

	guard(mutex)(&module_mutex);
	list_for_each_entry(use, &other->source_list, source_list)
		if (use->source == mod)
			return true;
	return false;
#else
	return other->state == MODULE_STATE_LIVE;
#endif
}

/**
 * copy_module_elf() - keep what late relocations need
 * @mod:	a livepatch module
 * @info:	the file it was loaded from
 *
 * Context: May sleep.
 * Return: 0 with @mod->klp_info set, or -ENOMEM.
 */
int copy_module_elf(struct module *mod, struct load_info *info)
{
	const Elf_Shdr *names = &info->sechdrs[info->hdr->e_shstrndx];
	struct klp_modinfo *kept;

	kept = kzalloc(sizeof(*kept), GFP_KERNEL);
	if (!kept)
		return -ENOMEM;
	mod->klp_info = kept;

	/* Hundreds of sections: too much to ask for in contiguous pages. */
	kept->sechdrs = kvmemdup(info->sechdrs,
				 array_size(info->hdr->e_shnum, sizeof(*info->sechdrs)),
				 GFP_KERNEL);
	kept->secstrings = kvmemdup(info->secstrings, names->sh_size, GFP_KERNEL);
	if (!kept->sechdrs || !kept->secstrings) {
		free_module_elf(mod);
		return -ENOMEM;
	}

	kept->hdr = *info->hdr;
	kept->symndx = info->index.sym;

	/*
	 * The copy that kallsyms keeps of a livepatch module's symbol table is
	 * complete, so that the symbol indices of relocations hold for it.
	 */
	kept->sechdrs[kept->symndx].sh_addr = (unsigned long)mod->core_kallsyms.symtab;
	return 0;
}

/**
 * free_module_elf() - the counterpart of copy_module_elf()
 * @mod:	a livepatch module
 */
void free_module_elf(struct module *mod)
{
	struct klp_modinfo *kept = mod->klp_info;

	mod->klp_info = NULL;
	if (!kept)
		return;

	kvfree(kept->secstrings);
	kvfree(kept->sechdrs);
	kfree(kept);
}
