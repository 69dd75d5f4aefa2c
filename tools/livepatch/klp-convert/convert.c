// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The conversion, see convert.h
 *
 * First sections are merged, and each undefined symbol is decided: it stays ordinary, or it becomes a
 * reference to a symbol of some object.  Then symbols are renamed and their
 * relocations moved.  Then special sections are split.  What a module may not
 * do is not known here: verify() judges the result.
 */
#include <string.h>

#include "annotate.h"
#include "convert.h"
#include "merge.h"
#include "original.h"
#include "patch.h"
#include "places.h"
#include "special.h"
#include "symbols.h"
#include "util.h"
#include "verify.h"

/**
 * struct conversion - what is being decided
 * @file:	the module
 * @arch:	its architecture
 * @refs:	for each symbol by its index, what it becomes; NULL if it stays
 * @nr_refs:	symbols that were read
 * @patch:	what it patches
 * @undefined:	what nobody exports
 */
struct conversion {
	struct elf_file *file;
	const struct arch *arch;
	struct klp_ref **refs;
	size_t nr_refs;
	struct patch patch;
	struct undefined undefined;
};

static bool to_be_decided(const struct conversion *conv,
			  const struct elf_symbol *sym)
{
	return elf_undefined(sym) && !conv->refs[sym->index] &&
	       !starts_with(sym->name, KLP_DECLARED_PREFIX) &&
	       !arch_own_symbol(conv->arch, sym->name);
}

/* May the livepatch be loaded without this module? */
static bool is_late(const struct conversion *conv, const char *object)
{
	if (patch_has_object(&conv->patch, object))
		return !klp_is_vmlinux(object);
	for (size_t i = 0; i < conv->nr_refs; i++)
		if (conv->refs[i] && !klp_is_vmlinux(object) &&
		    !strcmp(conv->refs[i]->lp_obj, object))
			return true;
	return false;
}

/* @def is NULL if several objects define it. */
static void refer_to(struct conversion *conv, const struct elf_symbol *sym,
		     const struct symbol_name *name,
		     const struct symbol_def *def)
{
	struct klp_ref *ref = xalloc(1, sizeof(*ref));

	if (!def || def->count > 1) {
		complain("%s: %s: is ambiguous; add one of these lines:",
			 conv->file->path, sym->name);
		symbols_suggest(name);
		return;
	}
	ref->lp_obj = def->object;
	ref->sym_obj = def->object;
	ref->name = sym->name;
	conv->refs[sym->index] = ref;
}

static const struct symbol_def *exporter(const struct symbol_name *name)
{
	for (size_t i = 0; i < name->nr_defs; i++)
		if (name->defs[i].exported)
			return &name->defs[i];
	return NULL;
}

/*
 * The code that is patched may mean a symbol of its own object, where a module gets what
 * is exported.
 */
static void find_homonym(const struct elf_file *file, const struct patch *patch,
			 const struct elf_symbol *sym, const struct symbol_name *name)
{
	for (size_t i = 0; name && i < name->nr_defs; i++) {
		const struct symbol_def *def = &name->defs[i];

		if (!patch_has_object(patch, def->object) ||
		    (def->exported && def->count == 1))
			continue;
		caution("%s: %s: is the exported one, and %s has another; add one of these lines:",
			file->path, sym->name, def->object);
		symbols_suggest(name);
		return;
	}
}

static void decide_hidden(struct conversion *conv,
			  const struct elf_symbol *sym,
			  const struct symbols *symbols)
{
	const struct symbol_name *name = symbols_find(symbols, sym->name);
	bool told = conv->undefined.names;

	if ((told && !undefined_has(&conv->undefined, sym->name)) ||
	    (name && exporter(name))) {
		find_homonym(conv->file, &conv->patch, sym, name);
		return;
	}
	/* It may stay undefined, and never means what nobody else can see. */
	if (ELF64_ST_BIND(sym->sym.st_info) == STB_WEAK)
		return;
	if (!name) {
		if (told || symbols_are_all(symbols, conv->file))
			complain("%s: %s: is defined by no object of the build",
				 conv->file->path, sym->name);
		return;
	}
	refer_to(conv, sym, name, name->nr_defs == 1 ? &name->defs[0] : NULL);
}

/*
 * An exported symbol stays ordinary, and then its module must be loaded before
 * the livepatch; not so if the livepatch is made to be loaded without it.
 */
static void decide_exported(struct conversion *conv,
			    const struct elf_symbol *sym,
			    const struct symbols *symbols)
{
	const struct symbol_name *name = symbols_find(symbols, sym->name);
	const struct symbol_def *def = name ? exporter(name) : NULL;

	if (def && is_late(conv, def->object))
		refer_to(conv, sym, name, def);
}

static void decide(struct conversion *conv, const struct symbols *symbols)
{
	struct elf_file *file = conv->file;

	for (size_t i = 0; i < file->nr_syms; i++)
		if (to_be_decided(conv, file->syms[i]))
			decide_hidden(conv, file->syms[i], symbols);
	for (size_t i = 0; i < file->nr_syms; i++)
		if (to_be_decided(conv, file->syms[i]))
			decide_exported(conv, file->syms[i], symbols);
}

/*
 * What modpost took for exported symbols to be there before is nothing that the
 * livepatch depends on, when it waits for their module.  Of a module that is not known
 * they stay ordinary.
 */
static void drop_dependencies(const struct conversion *conv,
			      const struct symbols *symbols)
{
	const char *depends = elf_modinfo(conv->file, "depends");
	char *kept = xstrdup(""), *rest, *name;

	if (!depends)
		return;
	rest = xstrdup(depends);
	while ((name = strsep(&rest, ",")))
		if (!is_late(conv, klp_object_of(name)) ||
		    !symbols_have(symbols, klp_object_of(name)))
			kept = xasprintf("%s%s%s", kept, *kept ? "," : "", name);
	elf_shorten_modinfo(conv->file, depends, kept);
}

/* What modpost has found missing needs an annotation at least. */
static void decide_without_symbols(const struct conversion *conv)
{
	const struct elf_file *file = conv->file;

	for (size_t i = 0; i < file->nr_syms && conv->undefined.names; i++)
		if (to_be_decided(conv, file->syms[i]) &&
		    ELF64_ST_BIND(file->syms[i]->sym.st_info) != STB_WEAK &&
		    undefined_has(&conv->undefined, file->syms[i]->name))
			complain("%s: %s: is exported by nobody, and there are no --symbols",
				 file->path, file->syms[i]->name);
}

static struct elf_symbol *find_symbol(const struct elf_file *file,
				      const char *name)
{
	for (size_t i = 0; i < file->nr_syms; i++)
		if (!strcmp(file->syms[i]->name, name))
			return file->syms[i];
	return NULL;
}

/*
 * Give symbols their livepatch names.  Several may become one: @merged, indexed
 * like refs, says which.
 */
static void rename_symbols(struct conversion *conv, struct elf_symbol **merged)
{
	struct elf_file *file = conv->file;

	for (size_t i = 0; i < file->nr_syms; i++) {
		struct elf_symbol *sym = file->syms[i];
		const struct klp_ref *ref = conv->refs[sym->index];
		const char *name;

		merged[sym->index] = sym;
		if (!ref)
			continue;
		name = xasprintf(KLP_SYM_PREFIX "%s.%s,%lu", ref->sym_obj,
				 ref->name, ref->pos);
		merged[sym->index] = find_symbol(file, name) ?: sym;
		if (merged[sym->index] != sym)
			continue;
		sym->name = name;
		sym->sym.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
		sym->sym.st_shndx = SHN_LIVEPATCH;
	}
}

/*
 * They come last.  libdw applies relocations section by section, and gives up at
 * the first symbol that it does not know: debugging information has to be before.
 */
static struct elf_section *klp_section(struct elf_file *file,
				       struct elf_section *ordinary,
				       const char *lp_obj)
{
	const char *name = xasprintf(KLP_RELA_PREFIX "%s.%s", lp_obj,
				     ordinary->info->name);
	struct elf_section *sec;

	for (size_t i = 0; i < file->nr_secs; i++) {
		sec = file->secs[i];
		if (sec->info == ordinary->info &&
		    sec->sh.sh_flags & SHF_RELA_LIVEPATCH &&
		    !strcmp(sec->name, name))
			return sec;
	}
	sec = elf_add_section(file, name, NULL);
	sec->sh = ordinary->sh;
	sec->sh.sh_flags |= SHF_ALLOC | SHF_RELA_LIVEPATCH;
	sec->link = ordinary->link;
	sec->info = ordinary->info;
	return sec;
}

static void move_relocs(struct conversion *conv, struct elf_section *sec)
{
	size_t nr = sec->nr_relocs, kept = 0;

	for (size_t i = 0; i < nr; i++) {
		struct elf_reloc reloc = sec->relocs[i];
		const struct klp_ref *ref = conv->refs[reloc.sym->index];
		struct elf_section *klp;

		if (!ref) {
			sec->relocs[kept++] = reloc;
			continue;
		}
		klp = klp_section(conv->file, sec, ref->lp_obj);
		push(klp->relocs, klp->nr_relocs, reloc);
	}
	sec->nr_relocs = kept;

	/*
	 * strip(1) and objcopy(1) take the first relocations of a section for
	 * the ordinary ones and generate those anew; others they keep, and
	 * correct, but only where there are ordinary ones.
	 */
	if (!kept && nr) {
		struct elf_reloc nothing = {
			.type = conv->arch->nothing,
			.sym = conv->file->syms[0],
		};

		push(sec->relocs, sec->nr_relocs, nothing);
	}
}

static void rewrite(struct conversion *conv)
{
	struct elf_symbol **merged = xalloc(conv->nr_refs, sizeof(*merged));
	bool *used = xalloc(conv->nr_refs, sizeof(*used));
	struct elf_section **ordinary = NULL;
	struct elf_file *file = conv->file;
	size_t nr = 0;

	for (size_t i = 0; i < file->nr_secs; i++)
		if (elf_relocates_memory(file->secs[i]) &&
		    !(file->secs[i]->sh.sh_flags & SHF_RELA_LIVEPATCH))
			push(ordinary, nr, file->secs[i]);
	for (size_t i = 0; i < nr; i++)
		move_relocs(conv, ordinary[i]);

	rename_symbols(conv, merged);
	for (size_t i = 0; i < file->nr_secs; i++) {
		struct elf_section *sec = file->secs[i];

		for (size_t j = 0; j < sec->nr_relocs; j++) {
			struct elf_symbol **sym = &sec->relocs[j].sym;

			*sym = merged[(*sym)->index];
			used[(*sym)->index] = true;
		}
	}

	nr = 0;
	for (size_t i = 0; i < file->nr_syms; i++) {
		struct elf_symbol *sym = file->syms[i];

		if (!conv->refs[sym->index] || used[sym->index])
			file->syms[nr++] = sym;
	}
	file->nr_syms = nr;
}

static void want(const struct conversion *conv, struct symbols *symbols)
{
	verify_want(conv->file, symbols);
	for (size_t i = 0; i < conv->nr_refs; i++)
		if (conv->refs[i])
			symbols_want(symbols, conv->refs[i]->name);
}

/* Does the build have what the livepatch wants to find? */
static void find_function(const struct elf_file *file,
			  const struct patch_func *func,
			  const struct symbols *symbols, const char *what)
{
	struct klp_ref ref = {
		.sym_obj = func->object,
		.name = func->name,
		.pos = func->pos,
	};
	const char *wrong = symbols_check(symbols, &ref);

	if (wrong)
		caution("%s: %s: cannot be %s: %s", file->path, func->name, what,
			wrong);
}

static void find_functions(const struct elf_file *file,
			   const struct patch *patch,
			   const struct symbols *symbols)
{
	for (size_t i = 0; i < patch->nr_objects; i++)
		if (!symbols_have(symbols, patch->objects[i]))
			caution("%s: %s: the build has no such object",
				file->path, patch->objects[i]);
	for (size_t i = 0; i < patch->nr_funcs; i++) {
		const struct patch_func *func = &patch->funcs[i];

		if (symbols_have(symbols, func->object))
			find_function(file, func, symbols,
				      xasprintf("patched by %s", func->new_func));
	}
	for (size_t i = 0; i < patch->nr_stack_only; i++) {
		const struct patch_func *func = &patch->stack_only[i];

		if (func->name && symbols_have(symbols, func->object))
			find_function(file, func, symbols, "looked for on stacks");
	}
}

/* Who has no debugging information to look into can still tell which build it is. */
static void match_vmlinux(const struct symbols *symbols, const char *path)
{
	struct elf_file *vmlinux = elf_open(path);

	symbols_same_build(symbols, vmlinux, symbols_object(vmlinux));
	elf_close(vmlinux);
}

static void load_build(const struct elf_file *file, const struct patch *patch,
		       const struct build *build, struct symbols *symbols)
{
	for (size_t i = 0; i < patch->nr_funcs; i++)
		symbols_want(symbols, patch->funcs[i].name);
	for (size_t i = 0; i < patch->nr_stack_only; i++)
		if (patch->stack_only[i].name)
			symbols_want(symbols, patch->stack_only[i].name);
	symbols_load(symbols, build->symbols, build->nr_symbols);
	if (build->vmlinux)
		match_vmlinux(symbols, build->vmlinux);
	symbols_match(symbols, file);
	find_functions(file, patch, symbols);
}

/*
 * Code that waits for a module, in what replaces a function of another object, which
 * does not wait for it.
 */
static bool find_early_use(const struct elf_file *file, const struct places *places,
			   const struct patch_func *func,
			   const struct elf_section *code, uint64_t from, uint64_t to)
{
	for (size_t at = places_at(places, code, from); at < places->nr; at++) {
		const struct place *place = &places->items[at];

		if (place->sec != code || place->reloc->offset >= to)
			break;
		if (!place->object || !strcmp(place->object, func->object))
			continue;
		caution("%s: %s: may run while %s is away: it replaces %s of %s, and refers to %s",
			file->path, func->new_func, place->object,
			func->name, func->object,
			elf_symbol_name(place->reloc->sym));
		return true;
	}
	return false;
}

/* FUNCTION.cold, or .cold.NUMBER: what the compiler has split off. */
static bool is_cold_part(const struct elf_symbol *sym, const char *function)
{
	const char *rest = sym->name;

	if (!sym->sec || ELF64_ST_TYPE(sym->sym.st_info) != STT_FUNC ||
	    !starts_with(rest, function))
		return false;
	rest += strlen(function);
	if (!starts_with(rest, ".cold"))
		return false;
	rest += strlen(".cold");
	return !*rest || *rest == '.';
}

static void find_early_uses(const struct elf_file *file,
			    const struct patch *patch)
{
	struct places places = {0};

	places_read(file, &places);
	for (size_t i = 0; i < patch->nr_funcs; i++) {
		const struct patch_func *func = &patch->funcs[i];
		bool found = find_early_use(file, &places, func, func->code,
					    func->from, func->to);

		for (size_t j = 0; j < file->nr_syms && !found; j++) {
			const struct elf_symbol *sym = file->syms[j];

			if (is_cold_part(sym, func->new_func))
				found = find_early_use(file, &places, func, sym->sec,
						       sym->sym.st_value,
						       sym->sym.st_value + sym->sym.st_size);
		}
	}
}

static void look_at_original(const struct patch *patch,
			     const struct build *build,
			     const struct symbols *symbols)
{
	for (size_t i = 0; i < build->nr_originals; i++)
		original_object(build->originals[i], patch, symbols);
	for (size_t i = 0; i < build->nr_dumps; i++)
		original_dump(build->dumps[i], patch);
}

/**
 * convert() - convert a livepatch module in memory
 * @file: the module, with its relocations read
 * @arch: its architecture
 * @build: what is known of the build
 *
 * Complains about what cannot be converted, and about what would not work when
 * loaded.  A module that is converted already stays as it is.
 */
void convert(struct elf_file *file, const struct arch *arch,
	     const struct build *build)
{
	struct conversion conv = {
		.file = file,
		.arch = arch,
		.refs = xalloc(file->nr_syms, sizeof(*conv.refs)),
		.nr_refs = file->nr_syms,
	};
	struct symbols symbols = {0};

	merge_sections(file);
	annotations_take(file, arch, conv.refs);
	undefined_take(file, &conv.undefined);
	patch_read(file, arch, &conv.patch);
	patch_verify(file, &conv.patch);
	if (build->nr_symbols) {
		want(&conv, &symbols);
		load_build(file, &conv.patch, build, &symbols);
		decide(&conv, &symbols);
		drop_dependencies(&conv, &symbols);
	} else {
		decide_without_symbols(&conv);
	}
	look_at_original(&conv.patch, build, &symbols);
	if (complaints)
		return;
	rewrite(&conv);
	find_early_uses(file, &conv.patch);
	special_defer(file, arch);
	if (complaints)
		return;
	symbols_mark(&symbols, file);
	verify(file, arch, build->nr_symbols ? &symbols : NULL);
}

/* What is ordinary is exported, but that a weak symbol may be nowhere. */
static void find_homonyms(const struct elf_file *file, const struct arch *arch,
			  const struct patch *patch, const struct symbols *symbols)
{
	for (size_t i = 0; i < file->nr_syms; i++) {
		const struct elf_symbol *sym = file->syms[i];
		const struct symbol_name *name = symbols_find(symbols, sym->name);

		if (!elf_undefined(sym) || arch_own_symbol(arch, sym->name) || !name)
			continue;
		if (ELF64_ST_BIND(sym->sym.st_info) != STB_WEAK || exporter(name))
			find_homonym(file, patch, sym, name);
	}
}

/**
 * check() - complain about what would go wrong with a module when it is loaded
 * @file: the module, with its relocations read
 * @arch: its architecture
 * @build: what is known of the build
 */
void check(struct elf_file *file, const struct arch *arch,
	   const struct build *build)
{
	struct symbols symbols = {0};
	struct patch patch = {0};

	patch_read(file, arch, &patch);
	patch_verify(file, &patch);
	verify_want(file, &symbols);
	if (build->nr_symbols) {
		load_build(file, &patch, build, &symbols);
		find_homonyms(file, arch, &patch, &symbols);
	}
	look_at_original(&patch, build, &symbols);
	find_early_uses(file, &patch);
	verify(file, arch, build->nr_symbols ? &symbols : NULL);
}
