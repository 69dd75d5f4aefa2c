// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Find out what a livepatch patches, see patch.h
 *
 * struct klp_patch begins with a pointer to the module and one to the objects.
 * How large struct klp_object and struct klp_func are depends on the
 * configuration, but not which pointers they begin with, and of what comes
 * after these nothing looks the same before the module runs.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "patch.h"
#include "places.h"
#include "util.h"

#define POINTER_SIZE	8

/* In struct klp_func. */
#define OLD_SYMPOS	16
#define NEW_NAME	24
#define STACK_ONLY	32

/* What no module is called, for the directory of a livepatch has files of that name. */
static const char *const no_modules[] = {
	"vmlinux", "enabled", "transition", "force", "replace", "stack_order", "stalled",
};

struct reader {
	const struct elf_file *file;
	const struct arch *arch;
	struct places places;
	struct patch *patch;
};

/* A place in the module; none if @sec is NULL. */
struct spot {
	const struct elf_section *sec;
	uint64_t offset;
};

/* What the pointer at a place points to. */
static struct spot follow(const struct reader *reader, struct spot spot)
{
	const struct places *places = &reader->places;

	for (size_t i = places_at(places, spot.sec, spot.offset);
	     i < places->nr; i++) {
		const struct elf_reloc *reloc = places->items[i].reloc;
		struct spot to = {
			.sec = reloc->sym->sec,
			.offset = reloc->sym->sym.st_value + reloc->addend,
		};

		if (place_cmp(spot.sec, spot.offset, &places->items[i]))
			break;
		if (reloc->type == reader->arch->pointer && to.sec &&
		    to.offset < to.sec->sh.sh_size)
			return to;
	}
	return (struct spot){0};
}

static struct spot at(struct spot base, uint64_t offset)
{
	struct spot spot = { .sec = base.sec, .offset = base.offset + offset };

	return spot;
}

static struct spot follow_next(const struct reader *reader, struct spot spot)
{
	return follow(reader, at(spot, POINTER_SIZE));
}

/* A name: what else there is in a module's data is not printed. */
static const char *string_at(const struct reader *reader, struct spot spot)
{
	const char *s;

	if (!spot.sec || spot.sec->sh.sh_type == SHT_NOBITS)
		return NULL;
	s = (const char *)elf_contents(reader->file, spot.sec) + spot.offset;
	if (!*s || !memchr(s, 0, spot.sec->sh.sh_size - spot.offset))
		return NULL;
	for (const char *c = s; *c; c++)
		if (!isgraph((unsigned char)*c))
			return NULL;
	return s;
}

/* Where the variable or function ends that begins at a place. */
static uint64_t end_of(const struct reader *reader, struct spot spot,
		       unsigned int type)
{
	for (size_t i = 0; i < reader->file->nr_syms; i++) {
		const struct elf_symbol *sym = reader->file->syms[i];

		if (sym->sec == spot.sec && sym->sym.st_value == spot.offset &&
		    ELF64_ST_TYPE(sym->sym.st_info) == type &&
		    sym->sym.st_size <= spot.sec->sh.sh_size - spot.offset)
			return sym->sym.st_value + sym->sym.st_size;
	}
	return spot.offset;
}

static const char *symbol_at(const struct reader *reader, struct spot spot)
{
	for (size_t i = 0; i < reader->file->nr_syms; i++) {
		const struct elf_symbol *sym = reader->file->syms[i];

		if (sym->sec == spot.sec && sym->sym.st_value == spot.offset &&
		    *sym->name)
			return sym->name;
	}
	return spot.sec->name;
}

static unsigned long long_at(const struct reader *reader, struct spot spot)
{
	if (spot.sec->sh.sh_type == SHT_NOBITS ||
	    spot.offset + POINTER_SIZE > spot.sec->sh.sh_size)
		return 0;
	return number_at(elf_contents(reader->file, spot.sec) + spot.offset,
			 POINTER_SIZE);
}

/* An entry with a name or two, true, and nothing else. */
static bool read_stack_only(const struct reader *reader, struct spot spot,
			    struct patch_func *func)
{
	struct spot code = at(spot, POINTER_SIZE);

	func->name = string_at(reader, follow(reader, spot));
	func->new_func = string_at(reader, follow(reader, at(spot, NEW_NAME)));
	func->pos = long_at(reader, at(spot, OLD_SYMPOS));
	return (func->name || func->new_func) && !follow(reader, code).sec &&
	       !long_at(reader, code) &&
	       long_at(reader, at(spot, STACK_ONLY)) == 1;
}

static void read_funcs(struct reader *reader, const char *object,
		       struct spot spot)
{
	uint64_t end = end_of(reader, spot, STT_OBJECT);

	for (; spot.offset < end; spot.offset += POINTER_SIZE) {
		struct spot code = follow_next(reader, spot);
		struct patch_func func = { .object = object };

		if (read_stack_only(reader, spot, &func))
			push(reader->patch->stack_only,
			     reader->patch->nr_stack_only, func);
		if (!code.sec || !(code.sec->sh.sh_flags & SHF_EXECINSTR))
			continue;
		func.name = string_at(reader, follow(reader, spot));
		if (!func.name)
			continue;
		func.new_func = symbol_at(reader, code);
		func.pos = long_at(reader, at(spot, OLD_SYMPOS));
		func.code = code.sec;
		func.from = code.offset;
		func.to = end_of(reader, code, STT_FUNC);
		push(reader->patch->funcs, reader->patch->nr_funcs, func);
	}
}

static bool is_no_module(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(no_modules); i++)
		if (!strcmp(name, no_modules[i]))
			return true;
	return strchr(name, '/') || strlen(name) >= MODULE_NAME_LEN;
}

static void mistake(struct reader *reader, const char *name, const char *what)
{
	push(reader->patch->mistakes, reader->patch->nr_mistakes,
	     xasprintf("%s: %s", name, what));
}

static const char *func_name(const struct patch_func *func)
{
	return func->name ?: func->new_func;
}

/* By objects, and in each by name and position, of which 0 is the first as well. */
static int cmp_funcs(const void *a, const void *b)
{
	const struct patch_func *x = a, *y = b;
	unsigned long x_pos = x->name ? x->pos ?: 1 : 0;
	unsigned long y_pos = y->name ? y->pos ?: 1 : 0;
	int diff = strcmp(x->object, y->object) ?: strcmp(func_name(x), func_name(y));

	return diff ? diff : (x_pos > y_pos) - (x_pos < y_pos);
}

/* Look for twins among the functions that come after so many. */
static void find_twins(struct reader *reader, size_t funcs, size_t stack_only)
{
	const struct patch *patch = reader->patch;
	struct patch_func *all = NULL;
	size_t nr = 0;

	for (; funcs < patch->nr_funcs; funcs++)
		push(all, nr, patch->funcs[funcs]);
	for (; stack_only < patch->nr_stack_only; stack_only++)
		push(all, nr, patch->stack_only[stack_only]);
	if (nr)
		qsort(all, nr, sizeof(*all), cmp_funcs);
	for (size_t i = 1; i < nr; i++)
		if (!cmp_funcs(&all[i - 1], &all[i]))
			mistake(reader, func_name(&all[i]),
				xasprintf("appears twice among the functions of %s",
					  all[i].object));
}

/* An object has a name, unless it is vmlinux, or functions, or both. */
static void read_objects(struct reader *reader, struct spot spot)
{
	size_t funcs_before = reader->patch->nr_funcs;
	size_t stack_only_before = reader->patch->nr_stack_only;
	uint64_t end = end_of(reader, spot, STT_OBJECT);
	const char **seen = NULL;
	size_t nr = 0;

	for (; spot.offset < end; spot.offset += POINTER_SIZE) {
		struct spot name = follow(reader, spot);
		struct spot funcs = follow_next(reader, spot);
		struct patch_func first;
		const char *object = "vmlinux";
		bool empty = !funcs.sec;

		/* The first of the functions has one name or the other. */
		if (funcs.sec && !follow(reader, funcs).sec &&
		    !read_stack_only(reader, funcs, &first))
			funcs.sec = NULL;
		if (name.sec) {
			object = string_at(reader, name);
			if (!object || follow(reader, name).sec ||
			    name.sec->sh.sh_flags & SHF_EXECINSTR)
				continue;
			if (is_no_module(object))
				mistake(reader, object, "cannot be the name of a module");
		} else if (!funcs.sec) {
			continue;
		}
		for (size_t i = 0; i < nr; i++)
			if (!strcmp(seen[i], object))
				mistake(reader, object, "appears twice among the objects");
		push(seen, nr, object);
		if (!patch_has_object(reader->patch, object))
			push(reader->patch->objects, reader->patch->nr_objects,
			     object);
		if (empty)
			push(reader->patch->empty, reader->patch->nr_empty, object);
		if (funcs.sec)
			read_funcs(reader, object, funcs);
	}
	find_twins(reader, funcs_before, stack_only_before);
}

/**
 * patch_read() - find out what a livepatch patches
 * @file: the module, with its relocations read
 * @arch: its architecture
 * @patch: where to; stays empty if the module fills it in when it runs
 */
void patch_read(const struct elf_file *file, const struct arch *arch,
		struct patch *patch)
{
	struct reader reader = { .file = file, .arch = arch, .patch = patch };

	places_read(file, &reader.places);
	for (size_t i = 0; i < reader.places.nr; i++) {
		const struct place *place = &reader.places.items[i];
		struct spot spot = { place->sec, place->reloc->offset };
		struct spot objects;

		if (strcmp(place->reloc->sym->name, "__this_module") ||
		    place->reloc->type != arch->pointer)
			continue;
		objects = follow_next(&reader, spot);
		if (objects.sec && !(objects.sec->sh.sh_flags & SHF_EXECINSTR))
			read_objects(&reader, objects);
	}
}

/**
 * patch_has_object() - does a livepatch patch an object?
 * @patch: the livepatch
 * @name: the object
 *
 * Return: true if so.
 */
bool patch_has_object(const struct patch *patch, const char *name)
{
	for (size_t i = 0; i < patch->nr_objects; i++)
		if (!strcmp(patch->objects[i], name))
			return true;
	return false;
}

/**
 * patch_has_func() - does a livepatch replace a function?
 * @patch: the livepatch
 * @object: the object that the function is in
 * @name: the function
 *
 * Return: true if so.
 */
bool patch_has_func(const struct patch *patch, const char *object,
		    const char *name)
{
	for (size_t i = 0; i < patch->nr_funcs; i++)
		if (!strcmp(patch->funcs[i].object, object) &&
		    !strcmp(patch->funcs[i].name, name))
			return true;
	return false;
}

static void verify_new_name(const struct elf_file *file, const char *name)
{
	size_t nr = 0;

	for (size_t i = 0; i < file->nr_syms; i++)
		nr += file->syms[i]->sec && !strcmp(file->syms[i]->name, name);
	if (nr != 1)
		complain("%s: %s: is looked for on stacks, but the livepatch has %zu of that name",
			 file->path, name, nr);
}

/**
 * patch_verify() - complain about what the core refuses to enable
 * @file: the module
 * @patch: what it patches
 */
void patch_verify(const struct elf_file *file, const struct patch *patch)
{
	for (size_t i = 0; i < patch->nr_mistakes; i++)
		complain("%s: %s", file->path, patch->mistakes[i]);
	for (size_t i = 0; i < patch->nr_empty; i++)
		caution("%s: %s: has no array of functions, unless the module makes one before it is enabled",
			file->path, patch->empty[i]);
	for (size_t i = 0; i < patch->nr_stack_only; i++)
		if (patch->stack_only[i].new_func)
			verify_new_name(file, patch->stack_only[i].new_func);
}

/**
 * patch_may_name() - may a livepatch have an object, as far as its data shows?
 * @file: the module, which perhaps makes its struct klp_patch when it runs
 * @object: the object
 *
 * Return: false if it is named nowhere.
 */
bool patch_may_name(const struct elf_file *file, const char *object)
{
	size_t len = strlen(object) + 1;

	for (size_t i = 0; i < file->nr_secs; i++) {
		const struct elf_section *sec = file->secs[i];
		const char *from, *at, *end;

		if (sec->sh.sh_type != SHT_PROGBITS || !sec->sh.sh_size ||
		    !(sec->sh.sh_flags & SHF_ALLOC) ||
		    sec->sh.sh_flags & SHF_EXECINSTR ||
		    !strcmp(sec->name, ".modinfo") ||
		    !strcmp(sec->name, ".gnu.linkonce.this_module"))
			continue;
		from = (const char *)elf_contents(file, sec);
		end = from + sec->sh.sh_size;
		/* Only a linker that merges strings makes one the end of another. */
		for (at = from; (at = memmem(at, end - at, object, len)); at++)
			if (at == from || !at[-1] || sec->sh.sh_flags & SHF_STRINGS)
				return true;
	}
	return false;
}
