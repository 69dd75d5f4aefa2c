// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Look relocations up by place, see places.h
 */
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "places.h"
#include "util.h"

/**
 * place_cmp() - compare a place with that of a relocation
 * @sec: the section
 * @offset: the offset in it
 * @place: the relocation
 *
 * Return: less than, equal to or greater than 0.  The order of sections is
 * some order.
 */
int place_cmp(const struct elf_section *sec, uint64_t offset,
	      const struct place *place)
{
	if (sec != place->sec)
		return sec < place->sec ? -1 : 1;
	return (offset > place->reloc->offset) - (offset < place->reloc->offset);
}

static int cmp_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int diff = place_cmp(x->sec, x->reloc->offset, y);

	/* Of several at one place none is preferred, but always the same. */
	return diff ? diff : strcmp(x->reloc->sym->name, y->reloc->sym->name);
}

/**
 * places_read() - collect the relocations of what is kept in memory
 * @file: the module, with its relocations read
 * @places: where to
 */
void places_read(const struct elf_file *file, struct places *places)
{
	for (size_t i = 0; i < file->nr_secs; i++) {
		const struct elf_section *sec = file->secs[i];
		struct place place = { .sec = sec->info };

		if (!elf_relocates_memory(sec))
			continue;
		if (sec->sh.sh_flags & SHF_RELA_LIVEPATCH &&
		    (!starts_with(sec->name, KLP_RELA_PREFIX) ||
		     klp_parse_rela(sec->name, &place.object)))
			continue;
		if (place.object && klp_is_vmlinux(place.object))
			place.object = NULL;
		for (size_t j = 0; j < sec->nr_relocs; j++) {
			place.reloc = &sec->relocs[j];
			push(places->items, places->nr, place);
		}
	}
	if (places->nr)
		qsort(places->items, places->nr, sizeof(*places->items), cmp_places);
}

/**
 * places_at() - find the first relocation at or after a place
 * @places: all relocations
 * @sec: the section
 * @offset: the offset in it
 *
 * Return: its index; may be @places->nr, or that of another section's.
 */
size_t places_at(const struct places *places, const struct elf_section *sec,
		 uint64_t offset)
{
	size_t low = 0, high = places->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (place_cmp(sec, offset, &places->items[mid]) > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
