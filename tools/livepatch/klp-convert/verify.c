// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Check a livepatch module's ELF, see verify.h
 *
 * Relocations of the object vmlinux are applied while the livepatch is loaded,
 * before anything looks at its sections: they may be anywhere.  Those of a
 * module are applied when that module comes, perhaps much later.  A section may
 * hold such only if nobody used its contents in between, and if it is still
 * there: that is what the table of sections says.  Special sections have rules of
 * their own, see special.h.
 */
#include <string.h>

#include "patch.h"
#include "places.h"
#include "special.h"
#include "util.h"
#include "verify.h"

/**
 * struct late_rule - may relocations against a module be in this section?
 * @prefix:	how the section's name begins
 * @never:	why not; NULL if they may
 */
struct late_rule {
	const char *prefix;
	const char *never;
};

/* The first that matches counts. */
static const struct late_rule late_rules[] = {
	{ ".init", "is used only to load the livepatch" },
	{ ".exit", "is used only when such relocations have been cleared" },
	{ ".data..percpu", "is copied for each CPU when the livepatch is loaded" },
	{ ".static_call.text", "is for static calls, whose sites are set up when the livepatch is loaded" },
	{ ".altinstr_replacement", NULL },
	{ "__ftr_alt_", NULL },
	{ KLP_ARCH_PREFIX, NULL },
	{ ".data", NULL },
	{ ".rodata", NULL },
	{ ".sdata", NULL },
	{ ".toc", NULL },
};

static const char *late_never(const struct elf_section *sec)
{
	for (size_t i = 0; i < ARRAY_SIZE(late_rules); i++)
		if (starts_with(sec->name, late_rules[i].prefix))
			return late_rules[i].never;
	if (sec->sh.sh_flags & SHF_EXECINSTR)
		return NULL;
	return "may be used before";
}

static bool is_klp_symbol(const struct elf_symbol *sym)
{
	return !sym->sec && sym->sym.st_shndx == SHN_LIVEPATCH;
}

static const char *parse_symbol(const struct elf_symbol *sym,
				struct klp_ref *ref)
{
	if (!starts_with(sym->name, KLP_SYM_PREFIX))
		return "is not named as a livepatch symbol";
	return klp_parse_symbol(sym->name, ref);
}

static void verify_symbol(const struct elf_file *file,
			  const struct elf_symbol *sym,
			  const struct symbols *symbols)
{
	struct klp_ref ref;
	const char *wrong;

	if (sym->sym.st_shndx == SHN_COMMON)
		complain("%s: %s: is a common symbol: build with -fno-common",
			 file->path, sym->name);
	if (!is_klp_symbol(sym)) {
		if (starts_with(sym->name, KLP_SYM_PREFIX))
			complain("%s: %s: is not marked as a livepatch symbol",
				 file->path, sym->name);
		return;
	}
	wrong = parse_symbol(sym, &ref);
	if (!wrong && symbols)
		wrong = symbols_check(symbols, &ref);
	if (wrong)
		complain("%s: %s: %s", file->path, sym->name, wrong);
}

static void verify_undefined(const struct elf_file *file,
			     const struct arch *arch,
			     const struct elf_symbol *sym,
			     const struct symbols *symbols)
{
	const struct symbol_name *found;

	if (!elf_undefined(sym) || arch_own_symbol(arch, sym->name) ||
	    starts_with(sym->name, KLP_SYM_PREFIX) ||
	    ELF64_ST_BIND(sym->sym.st_info) == STB_WEAK)
		return;
	found = symbols_find(symbols, sym->name);
	for (size_t i = 0; found && i < found->nr_defs; i++)
		if (found->defs[i].exported)
			return;
	if (!symbols_are_all(symbols, file))
		return;
	complain("%s: %s: is undefined, and no object exports it", file->path,
		 sym->name);
}

/* Whether there is room is said elsewhere. */
static bool is_zero(const struct elf_file *file, const struct elf_section *sec,
		    uint64_t offset, unsigned int size)
{
	const unsigned char *contents = elf_contents(file, sec);

	if (size > sec->sh.sh_size - offset)
		return true;
	while (size--)
		if (contents[offset + size])
			return false;
	return true;
}

static void verify_reloc(const struct elf_file *file, const struct arch *arch,
			 const struct elf_section *sec, const char *object,
			 const struct elf_reloc *reloc)
{
	const struct arch_reloc *type = arch_reloc(arch, reloc->type);
	const struct elf_section *target = sec->info;
	const struct elf_symbol *sym = reloc->sym;
	struct klp_ref ref;

	if (!type)
		complain("%s: %s: %s: %s: relocation type %u cannot be applied late",
			 file->path, sec->name,
			 elf_symbol_at(file, target, reloc->offset),
			 elf_symbol_name(sym), reloc->type);
	else if (type->size > target->sh.sh_size - reloc->offset)
		complain("%s: %s: %s: relocation at 0x%lx ends after %s",
			 file->path, sec->name, elf_symbol_name(sym),
			 (unsigned long)reloc->offset, target->name);
	else if (arch->zero && !is_zero(file, target, reloc->offset, type->size))
		complain("%s: %s: %s: the place at 0x%lx of %s is not zero",
			 file->path, sec->name, elf_symbol_name(sym),
			 (unsigned long)reloc->offset, target->name);
	if (!is_klp_symbol(sym)) {
		complain("%s: %s: refers to %s, which is no livepatch symbol",
			 file->path, sec->name, elf_symbol_name(sym));
		return;
	}
	if (parse_symbol(sym, &ref))
		return;		/* verify_symbol() said so */
	if (klp_is_vmlinux(object) && !klp_is_vmlinux(ref.sym_obj))
		complain("%s: %s: %s: a module's symbol cannot be resolved before the module comes",
			 file->path, sec->name, sym->name);
	if (!klp_is_vmlinux(object) && klp_is_vmlinux(ref.sym_obj))
		complain("%s: %s: %s: a symbol of vmlinux belongs to the relocations of vmlinux",
			 file->path, sec->name, sym->name);
	if (type && type->near && klp_is_vmlinux(ref.sym_obj))
		complain("%s: %s: %s: %s does not reach vmlinux: is it declared as static or hidden?",
			 file->path, sec->name, sym->name, type->name);
}

static void verify_klp_section(const struct elf_file *file,
			       const struct arch *arch,
			       const struct elf_section *sec)
{
	const char *object, *wrong = klp_parse_rela(sec->name, &object);
	const char *never = NULL;

	if (wrong) {
		complain("%s: %s: %s", file->path, sec->name, wrong);
		return;
	}
	if (sec->sh.sh_type != SHT_RELA || !(sec->sh.sh_flags & SHF_ALLOC) ||
	    !elf_relocates_memory(sec)) {
		complain("%s: %s: does not relocate a section that is kept in memory",
			 file->path, sec->name);
		return;
	}
	if (sec->info->sh.sh_type == SHT_NOBITS ||
	    sec->info->sh.sh_type == SHT_NULL) {
		complain("%s: %s: relocates %s, which has no contents",
			 file->path, sec->name, sec->info->name);
		return;
	}
	if ((klp_is_vmlinux(object) && !strcmp(sec->info->name, ".data..percpu")) ||
	    !strcmp(sec->info->name, ".stubs") || !strcmp(sec->info->name, ".mygot"))
		complain("%s: %s: relocates %s, where the module loader relocates nothing",
			 file->path, sec->name, sec->info->name);
	if (!klp_is_vmlinux(object) && !arch_special(arch, sec->info->name))
		never = late_never(sec->info);
	for (size_t i = 0; i < sec->nr_relocs; i++) {
		if (never)
			complain("%s: %s: %s: %s: cannot wait for module %s, because the section %s",
				 file->path, sec->info->name,
				 elf_symbol_at(file, sec->info,
					       sec->relocs[i].offset),
				 elf_symbol_name(sec->relocs[i].sym), object,
				 never);
		verify_reloc(file, arch, sec, object, &sec->relocs[i]);
	}
}

/* Whether there is room for it is said elsewhere, too, but not of all relocations. */
static bool nop_follows(const struct elf_file *file, const struct arch *arch,
			const struct elf_section *code, uint64_t offset)
{
	const unsigned char *insn = elf_contents(file, code);

	return code->sh.sh_size - offset >= 2 * sizeof(arch->nop) &&
	       !memcmp(insn + offset + sizeof(arch->nop), arch->nop,
		       sizeof(arch->nop));
}

/* Branches to somewhere else: they come back, to what then restores the TOC. */
static void verify_branches(const struct elf_file *file, const struct arch *arch,
			    const struct elf_section *sec)
{
	const struct elf_section *code = sec->info;

	if (arch->branches[0] == arch->nothing || sec->sh.sh_type != SHT_RELA ||
	    !code || !(code->sh.sh_flags & SHF_ALLOC) ||
	    code->sh.sh_type == SHT_NOBITS)
		return;
	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *reloc = &sec->relocs[i];
		const unsigned char *insn = elf_contents(file, code);

		if ((reloc->type != arch->branches[0] &&
		     reloc->type != arch->branches[1]) || reloc->sym->sec)
			continue;
		if (!(insn[reloc->offset] & 1))
			complain("%s: %s: %s: sibling call of %s: build with -fno-optimize-sibling-calls",
				 file->path, code->name,
				 elf_symbol_at(file, code, reloc->offset),
				 elf_symbol_name(reloc->sym));
		else if (reloc->type == arch->branches[0] &&
			 !arch_keeps_toc(arch, reloc->sym->name) &&
			 !nop_follows(file, arch, code, reloc->offset))
			complain("%s: %s: %s: no nop follows the call of %s",
				 file->path, code->name,
				 elf_symbol_at(file, code, reloc->offset),
				 elf_symbol_name(reloc->sym));
	}
}

static void verify_section(const struct elf_file *file, const struct arch *arch,
			   const struct elf_section *sec)
{
	bool marked = sec->sh.sh_flags & SHF_RELA_LIVEPATCH;

	if (marked != starts_with(sec->name, KLP_RELA_PREFIX)) {
		complain("%s: %s: %s", file->path, sec->name, marked ?
			 "is marked as livepatch relocations, but not named so" :
			 "is named as livepatch relocations, but not marked so");
		return;
	}
	if (marked) {
		verify_branches(file, arch, sec);
		verify_klp_section(file, arch, sec);
		return;
	}
	if (!elf_relocates_memory(sec))
		return;
	verify_branches(file, arch, sec);
	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *reloc = &sec->relocs[i];

		if (is_klp_symbol(reloc->sym))
			complain("%s: %s: %s: is a livepatch symbol in ordinary relocations",
				 file->path, sec->name, reloc->sym->name);
		if (!arch_knows_reloc(arch, reloc->type))
			complain("%s: %s: %s: %s: relocation type %u cannot be applied",
				 file->path, sec->name,
				 elf_symbol_at(file, sec->info, reloc->offset),
				 elf_symbol_name(reloc->sym), reloc->type);
	}
}

/*
 * Relocations that write to the same place.  Those of one section come one after
 * the other, and where a place has to be zero before, the second is refused.
 */
static void verify_places(const struct elf_file *file, const struct arch *arch)
{
	const struct place *last = NULL;
	struct places places = {0};
	uint64_t end = 0;

	if (!arch->zero)
		return;
	places_read(file, &places);
	for (size_t i = 0; i < places.nr; i++) {
		const struct place *place = &places.items[i];
		const struct arch_reloc *type = arch_reloc(arch, place->reloc->type);

		if (!type || !type->size)
			continue;
		if (last && last->sec == place->sec && place->reloc->offset < end &&
		    (is_klp_symbol(last->reloc->sym) ||
		     is_klp_symbol(place->reloc->sym)))
			complain("%s: %s: relocations at 0x%lx, of %s, and at 0x%lx, of %s, overlap",
				 file->path, place->sec->name,
				 (unsigned long)last->reloc->offset,
				 elf_symbol_name(last->reloc->sym),
				 (unsigned long)place->reloc->offset,
				 elf_symbol_name(place->reloc->sym));
		last = place;
		end = place->reloc->offset + type->size;
	}
}

/* The object that a section waits for, or NULL. */
static const char *waits_for(const struct elf_section *sec)
{
	const char *object = "vmlinux", *name;

	if (starts_with(sec->name, KLP_RELA_PREFIX) &&
	    klp_parse_rela(sec->name, &object))
		return NULL;
	if (starts_with(sec->name, KLP_ARCH_PREFIX) &&
	    klp_parse_arch(sec->name, &object, &name))
		return NULL;
	return klp_is_vmlinux(object) ? NULL : object;
}

/* Nothing is done for objects that the livepatch does not have. */
static void verify_objects(const struct elf_file *file)
{
	const char **known = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < file->nr_secs; i++) {
		const char *object = waits_for(file->secs[i]);
		bool seen = !object;

		for (size_t j = 0; j < nr && !seen; j++)
			seen = !strcmp(known[j], object);
		if (seen)
			continue;
		push(known, nr, object);
		if (!patch_may_name(file, object))
			complain("%s: %s: waits for %s, which has to be an object of the livepatch",
				 file->path, file->secs[i]->name, object);
	}
}

/*
 * Nothing but the name is in there, between zeroes; at which place depends on the
 * configuration.
 */
static void verify_name(const struct elf_file *file)
{
	static const char name[] = "\0vmlinux";

	for (size_t i = 0; i < file->nr_secs; i++) {
		const struct elf_section *sec = file->secs[i];

		if (!strcmp(sec->name, ".gnu.linkonce.this_module") &&
		    sec->sh.sh_type == SHT_PROGBITS && sec->sh.sh_size &&
		    memmem(elf_contents(file, sec), sec->sh.sh_size, name,
			   sizeof(name)))
			complain("%s: %s: a module cannot be called vmlinux",
				 file->path, sec->name);
	}
}

/**
 * verify_livepatch() - is it a livepatch of a known architecture?
 * @file: the file
 *
 * Return: the architecture; ends the program if not.
 */
const struct arch *verify_livepatch(const struct elf_file *file)
{
	const struct arch *arch = arch_find(file->ehdr.e_machine);

	if (!arch)
		die("%s: no livepatch relocations are known for machine %u",
		    file->path, file->ehdr.e_machine);
	if ((file->ehdr.e_flags & arch->flags_mask) != arch->flags)
		die("%s: is for other calling conventions than the kernel's",
		    file->path);
	if (!elf_modinfo(file, "livepatch"))
		die("%s: not a livepatch: MODULE_INFO(livepatch, \"Y\") is missing",
		    file->path);
	return arch;
}

/**
 * verify_want() - ask for the names that verify() will look up
 * @file: the module
 * @symbols: to be loaded afterwards
 */
void verify_want(const struct elf_file *file, struct symbols *symbols)
{
	for (size_t i = 0; i < file->nr_syms; i++) {
		const struct elf_symbol *sym = file->syms[i];
		struct klp_ref ref;

		if (elf_undefined(sym))
			symbols_want(symbols, sym->name);
		if (is_klp_symbol(sym) && !parse_symbol(sym, &ref))
			symbols_want(symbols, ref.name);
	}
}

/**
 * verify() - complain about every rule that a module breaks
 * @file: the module, with its relocations read
 * @arch: its architecture
 * @symbols: the build that it is for, or NULL if that is not known
 */
void verify(const struct elf_file *file, const struct arch *arch,
	    const struct symbols *symbols)
{
	for (size_t i = 0; i < file->nr_syms; i++) {
		verify_symbol(file, file->syms[i], symbols);
		if (symbols)
			verify_undefined(file, arch, file->syms[i], symbols);
	}
	for (size_t i = 0; i < file->nr_secs; i++)
		verify_section(file, arch, file->secs[i]);
	verify_places(file, arch);
	verify_objects(file);
	verify_name(file);
	special_verify(file, arch);
}
