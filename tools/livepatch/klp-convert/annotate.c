// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Read and remove annotations, and what modpost has written, see annotate.h
 *
 * A declaration's annotation is the undefined symbol's own name.  A list is an
 * array of struct klp_module_reloc in a section that is named after the
 * object; its pointers are relocations against the undefined symbols.
 */
#include <string.h>

#include "annotate.h"
#include "util.h"

/* struct klp_module_reloc as the compiler lays it out. */
#define ENTRY_SIZE	12
#define ENTRY_SYMPOS	8

static void take_declared(const struct elf_file *file,
			  const struct elf_symbol *sym, struct klp_ref **refs)
{
	struct klp_ref *ref = xalloc(1, sizeof(*ref));
	const char *wrong = klp_parse_declared(sym->name, ref);

	if (wrong)
		complain("%s: %s: %s", file->path, sym->name, wrong);
	else
		refs[sym->index] = ref;
}

static void take_entry(const struct elf_file *file,
		       const struct elf_section *list, const char *object,
		       const struct elf_symbol *sym, unsigned long pos,
		       struct klp_ref **refs)
{
	struct klp_ref *ref = refs[sym->index];

	if (!elf_undefined(sym)) {
		complain("%s: %s: %s is defined in the module itself",
			 file->path, list->name, elf_symbol_name(sym));
		return;
	}
	if (starts_with(sym->name, KLP_DECLARED_PREFIX)) {
		complain("%s: %s: %s: its declaration is annotated already",
			 file->path, list->name, sym->name);
		return;
	}
	if (ref && (strcmp(ref->sym_obj, object) || ref->pos != pos)) {
		complain("%s: %s: annotations disagree: %s,%lu and %s,%lu",
			 file->path, sym->name, ref->sym_obj, ref->pos, object,
			 pos);
		return;
	}
	ref = xalloc(1, sizeof(*ref));
	ref->lp_obj = object;
	ref->sym_obj = object;
	ref->name = sym->name;
	ref->pos = pos;
	refs[sym->index] = ref;
}

static void take_list(struct elf_file *file, const struct arch *arch,
		      struct elf_section *list, struct klp_ref **refs)
{
	const struct elf_section *relocs = elf_relocs_of(file, list);
	size_t nr = list->sh.sh_size / ENTRY_SIZE;
	const unsigned char *entries;
	const char *object, *wrong;

	wrong = klp_parse_object(list->name + strlen(KLP_LISTED_PREFIX), &object);
	if (wrong)
		die("%s: %s: %s", file->path, list->name, wrong);
	if (list->sh.sh_type != SHT_PROGBITS || list->sh.sh_size % ENTRY_SIZE ||
	    nr != (relocs ? relocs->nr_relocs : 0))
		die("%s: %s: not an array of struct klp_module_reloc",
		    file->path, list->name);

	entries = elf_contents(file, list);
	for (size_t i = 0; i < nr; i++) {
		const struct elf_reloc *reloc = &relocs->relocs[i];

		if (reloc->type != arch->pointer || reloc->addend ||
		    reloc->offset % ENTRY_SIZE)
			die("%s: %s: not an array of struct klp_module_reloc",
			    file->path, list->name);
		take_entry(file, list, object, reloc->sym,
			   number_at(entries + reloc->offset + ENTRY_SYMPOS,
				     sizeof(uint32_t)),
			   refs);
	}
}

/**
 * annotations_take() - read all annotations, and remove the lists
 * @file: the module, with its relocations read
 * @arch: its architecture
 * @refs: where to, indexed by elf_symbol's index; starts as NULLs
 *
 * Complains about annotations that cannot be.
 */
void annotations_take(struct elf_file *file, const struct arch *arch,
		      struct klp_ref **refs)
{
	struct elf_section **lists = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < file->nr_syms; i++)
		if (elf_undefined(file->syms[i]) &&
		    starts_with(file->syms[i]->name, KLP_DECLARED_PREFIX))
			take_declared(file, file->syms[i], refs);

	for (size_t i = 0; i < file->nr_secs; i++)
		if (starts_with(file->secs[i]->name, KLP_LISTED_PREFIX))
			push(lists, nr, file->secs[i]);
	for (size_t i = 0; i < nr; i++) {
		take_list(file, arch, lists[i], refs);
		elf_remove_section(file, lists[i]);
	}
}

/**
 * undefined_take() - read what modpost has found nobody to export, and remove it
 * @file: the module, with its relocations read
 * @undefined: where to
 */
void undefined_take(struct elf_file *file, struct undefined *undefined)
{
	struct elf_section *list = elf_find_section(file, KLP_UNDEFINED);

	if (!list)
		return;
	if (list->sh.sh_type != SHT_PROGBITS || !list->sh.sh_size)
		die("%s: %s: is not a list of names", file->path, list->name);
	undefined->names = elf_contents(file, list);
	undefined->size = list->sh.sh_size;
	if (undefined->names[undefined->size - 1])
		die("%s: %s: is not a list of names", file->path, list->name);
	elf_remove_section(file, list);
}

/**
 * undefined_has() - is a name one of those that nobody exports?
 * @undefined: what modpost has found
 * @name: the name
 *
 * Return: true if so.
 */
bool undefined_has(const struct undefined *undefined, const char *name)
{
	const char *end = undefined->names + undefined->size;

	for (const char *s = undefined->names; s < end; s += strlen(s) + 1)
		if (!strcmp(s, name))
			return true;
	return false;
}
