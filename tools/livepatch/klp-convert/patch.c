// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Find out what a livepatch patches, see patch.h
 *
 * struct klp_patch begins with a pointer to the module and one to the objects.
 * How large struct klp_object and struct klp_func are depends on the
 * configuration, but not which pointers they begin with, and of what comes
 * after these nothing looks the same before the module runs.
 */
#include <string.h>

#include "patch.h"
#include "places.h"
#include "util.h"

#define POINTER_SIZE	8
#define OLD_SYMPOS	16	/* in struct klp_func */

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

static struct spot follow_next(const struct reader *reader, struct spot spot)
{
	spot.offset += POINTER_SIZE;
	return follow(reader, spot);
}

static const char *string_at(const struct reader *reader, struct spot spot)
{
	const char *s;

	if (!spot.sec || spot.sec->sh.sh_type == SHT_NOBITS)
		return NULL;
	s = (const char *)elf_contents(reader->file, spot.sec) + spot.offset;
	if (!*s || !memchr(s, 0, spot.sec->sh.sh_size - spot.offset))
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

static unsigned long number_at(const struct reader *reader, struct spot spot)
{
	const unsigned char *p;
	unsigned long n = 0;

	if (spot.sec->sh.sh_type == SHT_NOBITS ||
	    spot.offset + POINTER_SIZE > spot.sec->sh.sh_size)
		return 0;
	p = elf_contents(reader->file, spot.sec);
	for (size_t i = POINTER_SIZE; i--;)
		n = n << 8 | p[spot.offset + i];
	return n;
}

static void read_funcs(struct reader *reader, const char *object,
		       struct spot spot)
{
	uint64_t end = end_of(reader, spot, STT_OBJECT);

	for (; spot.offset < end; spot.offset += POINTER_SIZE) {
		struct spot code = follow_next(reader, spot);
		struct patch_func func = { .object = object };

		if (!code.sec || !(code.sec->sh.sh_flags & SHF_EXECINSTR))
			continue;
		func.name = string_at(reader, follow(reader, spot));
		if (!func.name)
			continue;
		func.new_func = symbol_at(reader, code);
		func.pos = number_at(reader, (struct spot){
				spot.sec, spot.offset + OLD_SYMPOS });
		func.code = code.sec;
		func.from = code.offset;
		func.to = end_of(reader, code, STT_FUNC);
		push(reader->patch->funcs, reader->patch->nr_funcs, func);
	}
}

/* An object has a name, unless it is vmlinux, or functions, or both. */
static void read_objects(struct reader *reader, struct spot spot)
{
	uint64_t end = end_of(reader, spot, STT_OBJECT);

	for (; spot.offset < end; spot.offset += POINTER_SIZE) {
		struct spot name = follow(reader, spot);
		struct spot funcs = follow_next(reader, spot);
		const char *object = "vmlinux";

		/* An array of functions begins with a pointer. */
		if (funcs.sec && !follow(reader, funcs).sec)
			funcs.sec = NULL;
		if (name.sec) {
			object = string_at(reader, name);
			if (!object || follow(reader, name).sec ||
			    name.sec->sh.sh_flags & SHF_EXECINSTR)
				continue;
		} else if (!funcs.sec) {
			continue;
		}
		if (!patch_has_object(reader->patch, object))
			push(reader->patch->objects, reader->patch->nr_objects,
			     object);
		if (funcs.sec)
			read_funcs(reader, object, funcs);
	}
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

		if (sec->sh.sh_type != SHT_PROGBITS || !sec->sh.sh_size ||
		    !(sec->sh.sh_flags & SHF_ALLOC) ||
		    sec->sh.sh_flags & SHF_EXECINSTR ||
		    !strcmp(sec->name, ".modinfo"))
			continue;
		if (memmem(elf_contents(file, sec), sec->sh.sh_size, object, len))
			return true;
	}
	return false;
}
