// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Relocations of a livepatch module against symbols that no module exports.
 *
 * Such a relocation is in a section ".klp.rela.<object>.<section>" and refers to
 * a symbol ".klp.sym.<object>.<name>,<position>".  Those against vmlinux are
 * applied while the livepatch module loads, before its alternatives and static
 * keys are looked at; those against a module when it and the livepatch are both
 * there, and they are cleared when the module goes, so that it can come back.
 * The format is described in Documentation/livepatch/module-elf-format.rst.
 *
 * What the ELF file claims about itself was checked when the module was loaded,
 * see kernel/module/livepatch.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/elf.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/moduleloader.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/sections.h>
#include "internal.h"

#define SECTION_PREFIX	".klp.rela."
#define SYMBOL_PREFIX	".klp.sym."

int klp_parse_reloc_section(const char *name, char object[MODULE_NAME_LEN])
{
	if (!strstarts(name, SECTION_PREFIX))
		return -EINVAL;

	name = klp_take_part(name + strlen(SECTION_PREFIX), '.', object, MODULE_NAME_LEN);
	return name && *name ? 0 : -EINVAL;
}

int klp_parse_reloc_symbol(const char *symbol, struct klp_reloc_name *parsed)
{
	if (!strstarts(symbol, SYMBOL_PREFIX))
		return -EINVAL;

	symbol = klp_take_part(symbol + strlen(SYMBOL_PREFIX), '.',
			       parsed->object, sizeof(parsed->object));
	if (!symbol)
		return -EINVAL;
	symbol = klp_take_part(symbol, ',', parsed->name, sizeof(parsed->name));
	if (!symbol)
		return -EINVAL;

	/* Digits only: kstrtoul() would take a plus, and a newline at the end. */
	if (symbol[strspn(symbol, "0123456789")] || kstrtoul(symbol, 10, &parsed->sympos))
		return -EINVAL;
	return 0;
}

/*
 * May a section that waits for @object refer to a symbol of @other?  Relocations
 * for vmlinux are applied when no module need be there; those of a module can do
 * without vmlinux, and then they need not be applied late.  A module may use
 * what another module defines, if that one cannot go: see open_other().
 */
static bool may_refer(const char *object, const char *other)
{
	return !strcmp(object, "vmlinux") == !strcmp(other, "vmlinux");
}

/**
 * klp_arch_reloc_size() - how much a relocation writes
 * @type:	ELF relocation type of the architecture
 *
 * Return: bytes, or -ENOEXEC if apply_relocate_add() does not know the type.
 */
int __weak klp_arch_reloc_size(unsigned int type)
{
	return 1;
}

static int check_symbol(const char *modname, const char *secname, const char *object,
			const Elf_Sym *sym, const char *symname,
			struct klp_reloc_name *parsed)
{
	if (sym->st_shndx != SHN_LIVEPATCH) {
		pr_err("%s: %s: symbol '%s' is not marked as a livepatch symbol\n",
		       modname, secname, symname);
		return -EINVAL;
	}
	if (klp_parse_reloc_symbol(symname, parsed)) {
		pr_err("%s: %s: symbol '%s' has an incorrectly formatted name\n",
		       modname, secname, symname);
		return -EINVAL;
	}
	if (!may_refer(object, parsed->object)) {
		pr_err("%s: %s: invalid access to symbol '%s' of another object\n",
		       modname, secname, symname);
		return -EINVAL;
	}
	return 0;
}

struct klp_elf {
	const char *modname;
	const Elf_Ehdr *hdr;
	Elf_Shdr *sechdrs;
	const char *secstrings;
	const char *strtab;
	unsigned int symndx;
};

/*
 * The first is moved before anything is relocated; powerpc gives the others a size, and
 * contents, of its own.
 */
static bool is_made_by_loader(const char *section)
{
	static const char *const sections[] = { ".data..percpu", ".stubs", ".mygot" };

	return match_string(sections, ARRAY_SIZE(sections), section) >= 0;
}

static int check_section(const struct klp_elf *elf, const Elf_Shdr *sec,
			 struct klp_reloc_name *parsed)
{
	const char *name = klp_section_name(elf->secstrings, sec);
	const Elf_Shdr *symsec = &elf->sechdrs[elf->symndx], *target;
	const Elf_Sym *syms = (void *)symsec->sh_addr;
	const Elf_Rela *relas = (void *)sec->sh_addr;
	bool marked = sec->sh_flags & SHF_RELA_LIVEPATCH;
	char object[MODULE_NAME_LEN];
	size_t i;
	int err;

	if (!marked && !strstarts(name, SECTION_PREFIX))
		return 0;

	if (!marked || klp_parse_reloc_section(name, object)) {
		pr_err("%s: livepatch relocation section %s has an incorrectly formatted name or no flag\n",
		       elf->modname, name);
		return -EINVAL;
	}
	if (sec->sh_type != SHT_RELA || sec->sh_entsize != sizeof(*relas) ||
	    sec->sh_size % sizeof(*relas)) {
		pr_err("%s: %s: not a table of relocations\n", elf->modname, name);
		return -ENOEXEC;
	}

	/*
	 * Needed after the loader has dropped what is not part of the module: late ones to
	 * be applied, and all by architectures that count what calls need stubs.
	 */
	if (!(sec->sh_flags & SHF_ALLOC)) {
		pr_err("%s: %s: not allocated\n", elf->modname, name);
		return -ENOEXEC;
	}

	target = &elf->sechdrs[sec->sh_info];
	if (!sec->sh_info || sec->sh_info >= elf->hdr->e_shnum || target == sec ||
	    !(target->sh_flags & SHF_ALLOC) || target->sh_type == SHT_NOBITS ||
	    target->sh_type == SHT_NULL ||
	    target->sh_flags & SHF_RELA_LIVEPATCH ||
	    /* What symbols and their names say has been checked. */
	    sec->sh_info == elf->symndx || sec->sh_info == symsec->sh_link ||
	    is_made_by_loader(elf->secstrings + target->sh_name)) {
		pr_err("%s: %s: section %u cannot be relocated\n",
		       elf->modname, name, sec->sh_info);
		return -ENOEXEC;
	}
	if (!klp_special_may_wait(object, elf->secstrings + target->sh_name)) {
		pr_err("%s: %s: relocations of a section that is processed at another time\n",
		       elf->modname, name);
		return -EINVAL;
	}
	/*
	 * Freed, with all that the loader puts there, long before the object may come; or
	 * used only when such relocations have been cleared.
	 */
	if (strcmp(object, "vmlinux") &&
	    (module_init_layout_section(elf->secstrings + target->sh_name) ||
	     module_exit_section(elf->secstrings + target->sh_name))) {
		pr_err("%s: %s: init or exit section cannot be relocated late\n",
		       elf->modname, name);
		return -ENOEXEC;
	}

	for (i = 0; i < sec->sh_size / sizeof(*relas); i++) {
		size_t sym = ELF_R_SYM(relas[i].r_info);
		int size = klp_arch_reloc_size(ELF_R_TYPE(relas[i].r_info));

		if (size < 0 || size > target->sh_size ||
		    relas[i].r_offset > target->sh_size - size ||
		    sym >= symsec->sh_size / sizeof(*syms)) {
			pr_err("%s: %s: bad relocation %zu\n", elf->modname, name, i);
			return -ENOEXEC;
		}
		err = check_symbol(elf->modname, name, object, &syms[sym],
				   elf->strtab + syms[sym].st_name, parsed);
		if (err)
			return err;
	}
	return 0;
}

/**
 * klp_check_elf() - is what the core uses of a livepatch module well formed?
 * @modname:	name of the livepatch module
 * @hdr:	its ELF header
 * @sechdrs:	its section headers; sh_addr points to the contents, nothing has
 *		been laid out yet
 * @secstrings:	names of the sections
 * @strtab:	names of the symbols
 * @symndx:	index of the symbol table
 *
 * Done before anything in the file is relied upon.  Afterwards relocations can be
 * applied without looking at sizes and indices again.  Deferred special sections
 * are made writable, see special.c.  Logs the reason.
 *
 * Context: May sleep.
 * Return: 0; -ENOEXEC for a malformed table; -EINVAL for a wrong name; -ENOMEM.
 */
int klp_check_elf(const char *modname, const Elf_Ehdr *hdr, Elf_Shdr *sechdrs,
		  const char *secstrings, const char *strtab, unsigned int symndx)
{
	const struct klp_elf elf = { modname, hdr, sechdrs, secstrings, strtab, symndx };
	const Elf_Shdr *symsec = &sechdrs[symndx], *strsec = &sechdrs[symsec->sh_link];
	const Elf_Sym *syms = (void *)symsec->sh_addr;
	struct klp_reloc_name *parsed;
	unsigned int i;
	int err = 0;

	if (!strsec->sh_size || strtab[strsec->sh_size - 1]) {
		pr_err("%s: %s: symbol names do not end\n", modname,
		       klp_section_name(secstrings, strsec));
		return -ENOEXEC;
	}
	for (i = 0; i < symsec->sh_size / sizeof(*syms); i++) {
		if (syms[i].st_name < strsec->sh_size)
			continue;
		pr_err("%s: %s: symbol %u has no name\n", modname,
		       klp_section_name(secstrings, symsec), i);
		return -ENOEXEC;
	}

	/* Too large for the stack. */
	parsed = kmalloc(sizeof(*parsed), GFP_KERNEL);
	if (!parsed)
		return -ENOMEM;
	for (i = 1; !err && i < hdr->e_shnum; i++)
		err = check_section(&elf, &sechdrs[i], parsed) ?:
		      klp_special_check(modname, sechdrs, secstrings, i);
	kfree(parsed);
	return err;
}

/**
 * struct resolver - finds the symbols that a section refers to
 */
struct resolver {
	/** @pmod: The livepatch module, for messages. */
	const struct module *pmod;
	/** @secname: The relocation section. */
	const char *secname;
	/** @object: The object that the section waits for. */
	const char *object;
	/** @syms: Its symbols. */
	const struct klp_symbols *syms;
	/** @other: The last other module that had a symbol, or NULL. */
	struct module *other;
	/** @other_syms: Its symbols. */
	struct klp_symbols *other_syms;
	/** @parsed: The current symbol. */
	struct klp_reloc_name parsed;
};

/*
 * The other module is there for as long as klp_mutex is held: before it goes, or fails to
 * load, klp_module_going() clears klp_alive.
 */
static int open_other(struct resolver *res)
{
	const struct klp_reloc_name *want = &res->parsed;
	struct klp_symbols *syms;
	struct module *mod;

	lockdep_assert_held(&klp_mutex);

	rcu_read_lock_sched();
	mod = find_module(want->object);
	if (mod && !mod->klp_alive)
		mod = NULL;
	rcu_read_unlock_sched();
	if (!mod)
		return -ENOENT;

	/*
	 * What is put in place here stays until the awaited one goes, or the livepatch. The
	 * code that it leads to, and the keys that it registers with, must not go before.
	 */
	if (!klp_module_uses(res->syms->mod, mod) && !klp_module_uses(res->pmod, mod)) {
		pr_err("%s: %s: '%s' may go before '%s', which does not use it\n",
		       res->pmod->name, res->secname, want->object, res->object);
		return -EINVAL;
	}
	syms = klp_symbols_open(mod);
	if (IS_ERR(syms))
		return PTR_ERR(syms);

	klp_symbols_close(res->other_syms);
	res->other = mod;
	res->other_syms = syms;
	return 0;
}

/* A symbol of a module other than the one that is waited for. */
static int find_elsewhere(struct resolver *res, unsigned long *addr)
{
	const struct klp_reloc_name *want = &res->parsed;
	int err;

	if (!res->other || strcmp(res->other->name, want->object)) {
		err = open_other(res);
		if (err)
			return err;
	}
	return klp_symbols_find(res->other_syms, want->name, want->sympos, addr);
}

/*
 * kallsyms still knows what the kernel had for its initialisation.  Where the first copy
 * of per-CPU variables lies among that, it only says where they are in each CPU's.
 */
static bool is_gone_after_boot(unsigned long addr)
{
	void *place = (void *)addr;

	return init_section_contains(place, 1) &&
	       !memory_contains(__per_cpu_start, __per_cpu_end, place, 1);
}

static int resolve_symbol(struct resolver *res, Elf_Sym *sym, const char *symname)
{
	const struct klp_reloc_name *want = &res->parsed;
	unsigned long addr;
	int err;

	err = check_symbol(res->pmod->name, res->secname, res->object, sym, symname,
			   &res->parsed);
	if (err)
		return err;

	if (!strcmp(want->object, res->object))
		err = klp_symbols_find(res->syms, want->name, want->sympos, &addr);
	else
		err = find_elsewhere(res, &addr);

	if (!err && !strcmp(want->object, "vmlinux") && is_gone_after_boot(addr)) {
		pr_err("%s: %s: symbol '%s' of object '%s' is gone after boot\n",
		       res->pmod->name, res->secname, want->name, want->object);
		return -EINVAL;
	}

	switch (err) {
	case 0:
		sym->st_value = addr;
		return 0;
	case -ENOENT:
		pr_err("%s: %s: symbol '%s' not found in object '%s'\n",
		       res->pmod->name, res->secname, want->name, want->object);
		return -EINVAL;
	case -ENOTUNIQ:
		pr_err("%s: %s: unresolvable ambiguity for symbol '%s' in object '%s'\n",
		       res->pmod->name, res->secname, want->name, want->object);
		return -EINVAL;
	case -ERANGE:
		pr_err("%s: %s: symbol position %lu for symbol '%s' in object '%s' not found\n",
		       res->pmod->name, res->secname, want->sympos, want->name,
		       want->object);
		return -EINVAL;
	default:
		return err;
	}
}

static int resolve_symbols(const struct module *pmod, Elf_Shdr *sechdrs,
			   const char *secname, const char *strtab, unsigned int symndx,
			   const Elf_Shdr *sec, const char *object,
			   const struct klp_symbols *syms)
{
	const Elf_Rela *relas = (void *)sec->sh_addr;
	Elf_Sym *table = (void *)sechdrs[symndx].sh_addr;
	struct resolver *res;
	size_t i;
	int err = 0;

	/* Too large for the stack. */
	res = kmalloc(sizeof(*res), GFP_KERNEL);
	if (!res)
		return -ENOMEM;
	res->pmod = pmod;
	res->secname = secname;
	res->object = object;
	res->syms = syms;
	res->other = NULL;
	res->other_syms = NULL;

	for (i = 0; !err && i < sec->sh_size / sizeof(*relas); i++) {
		Elf_Sym *sym = &table[ELF_R_SYM(relas[i].r_info)];

		err = resolve_symbol(res, sym, strtab + sym->st_name);
	}

	klp_symbols_close(res->other_syms);
	kfree(res);
	return err;
}

static int apply_section(struct module *pmod, Elf_Shdr *sechdrs, const char *secname,
			 const char *strtab, unsigned int symndx, unsigned int secndx,
			 const char *object, const struct klp_symbols *syms)
{
	const Elf_Shdr *target = &sechdrs[sechdrs[secndx].sh_info];
	int err;

	err = resolve_symbols(pmod, sechdrs, secname, strtab, symndx, &sechdrs[secndx],
			      object, syms);
	if (err)
		return err;

	/* Where it is read-only by now, the livepatch may have written to it before. */
	if (pmod->state != MODULE_STATE_UNFORMED && target->sh_flags & SHF_RO_AFTER_INIT)
		clear_relocate_add(sechdrs, strtab, symndx, secndx, pmod);

	err = apply_relocate_add(sechdrs, strtab, symndx, secndx, pmod);
	if (err) {
		pr_err("%s: cannot apply %s (%d)\n", pmod->name, secname, err);
		/* Some may have been applied.  Until the module is live nobody cares. */
		if (pmod->state != MODULE_STATE_UNFORMED)
			clear_relocate_add(sechdrs, strtab, symndx, secndx, pmod);
	}
	return err;
}

/**
 * klp_apply_section_relocs() - apply one section of relocations
 * @pmod:	the livepatch module
 * @sechdrs:	its section headers
 * @shstrtab:	names of its sections
 * @strtab:	names of its symbols
 * @symndx:	index of its symbol table
 * @secndx:	index of the section ".klp.rela.<object>.<section>"
 * @objname:	NULL
 *
 * The module loader calls this for every such section, which applies those for vmlinux.
 * Those of other objects are left alone: see klp_relocs_apply().
 *
 * Context: May sleep.  The contents have passed klp_check_elf().
 * Return: 0 if there was nothing to do or all is applied; -EINVAL for a bad name
 * or a symbol that cannot be resolved; -ENOEXEC; -ENOMEM.
 */
int klp_apply_section_relocs(struct module *pmod, Elf_Shdr *sechdrs,
			     const char *shstrtab, const char *strtab,
			     unsigned int symndx, unsigned int secndx,
			     const char *objname)
{
	const char *secname = shstrtab + sechdrs[secndx].sh_name;
	char object[MODULE_NAME_LEN];

	/* The contents of other modules have not passed klp_check_elf(). */
	if (!is_livepatch_module(pmod)) {
		pr_err("%s: %s in a module that is no livepatch\n", pmod->name, secname);
		return -EINVAL;
	}
	if (WARN_ON_ONCE(objname || klp_parse_reloc_section(secname, object)))
		return -EINVAL;
	if (strcmp(object, "vmlinux"))
		return 0;

	/* The symbols of vmlinux are always there: there is nothing to fail or to close. */
	return apply_section(pmod, sechdrs, secname, strtab, symndx, secndx, object,
			     klp_symbols_open(NULL));
}

static bool has_object(const struct klp_patch *patch, const char *name)
{
	const struct klp_object *obj;

	klp_for_each_object_static(patch, obj)
		if (klp_is_module(obj) && !strcmp(obj->name, name))
			return true;
	return false;
}

/* Is it a section that waits for a module?  Sets @object to its name. */
static bool waits_for_module(const char *name, char object[MODULE_NAME_LEN])
{
	return klp_parse_special_section(name, object) ||
	       (!klp_parse_reloc_section(name, object) && strcmp(object, "vmlinux"));
}

int klp_relocs_check_objects(const struct klp_patch *patch)
{
	const struct klp_modinfo *info = patch->mod->klp_info;
	char object[MODULE_NAME_LEN];
	const char *name;
	unsigned int i;

	for (i = 1; i < info->hdr.e_shnum; i++) {
		name = klp_section_name(info->secstrings, &info->sechdrs[i]);
		if (!waits_for_module(name, object) || has_object(patch, object))
			continue;
		pr_err("'%s': %s is for an object that is not patched\n",
		       patch->mod->name, name);
		return -EINVAL;
	}
	return 0;
}

/* Does section @i of the livepatch module hold relocations that wait for @obj? */
static bool section_is_for(const struct klp_modinfo *info, unsigned int i,
			   const struct klp_object *obj)
{
	char object[MODULE_NAME_LEN];

	return info->sechdrs[i].sh_flags & SHF_RELA_LIVEPATCH &&
	       !klp_parse_reloc_section(info->secstrings + info->sechdrs[i].sh_name, object) &&
	       !strcmp(object, obj->name);
}

static void clear_sections(const struct klp_patch *patch, const struct klp_object *obj,
			   unsigned int end)
{
	struct klp_modinfo *info = patch->mod->klp_info;

	while (--end > 0)
		if (section_is_for(info, end, obj))
			clear_relocate_add(info->sechdrs, patch->mod->core_kallsyms.strtab,
					   info->symndx, end, patch->mod);
}

int klp_relocs_apply(const struct klp_patch *patch, const struct klp_object *obj,
		     const struct klp_symbols *syms)
{
	struct klp_modinfo *info = patch->mod->klp_info;
	unsigned int i;
	int err;

	lockdep_assert_held(&klp_mutex);

	for (i = 1; i < info->hdr.e_shnum; i++) {
		if (!section_is_for(info, i, obj))
			continue;
		err = apply_section(patch->mod, info->sechdrs,
				    info->secstrings + info->sechdrs[i].sh_name,
				    patch->mod->core_kallsyms.strtab, info->symndx, i,
				    obj->name, syms);
		if (err) {
			clear_sections(patch, obj, i);
			return err;
		}
	}
	return 0;
}

void klp_relocs_clear(const struct klp_patch *patch, const struct klp_object *obj)
{
	lockdep_assert_held(&klp_mutex);
	if (!klp_busted(relocs_not_cleared))
		clear_sections(patch, obj, patch->mod->klp_info->hdr.e_shnum);
}

/*
 * Architectures whose apply_relocate_add() writes over whatever it finds have
 * nothing to clear.
 */
void __weak clear_relocate_add(Elf_Shdr *sechdrs, const char *strtab,
			       unsigned int symindex, unsigned int relsec,
			       struct module *me)
{
}
