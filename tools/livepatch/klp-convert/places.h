/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relocations of a module, to be looked up by the place that they are at
 */
#ifndef KLP_CONVERT_PLACES_H
#define KLP_CONVERT_PLACES_H

#include "elf.h"

/**
 * struct place - one relocation
 * @sec:	the section that is relocated
 * @reloc:	the relocation
 * @object:	the module that it waits for; NULL if it does not wait
 */
struct place {
	const struct elf_section *sec;
	const struct elf_reloc *reloc;
	const char *object;
};

/**
 * struct places - all relocations of a module, sorted; starts as zeroes
 * @items:	the relocations
 * @nr:		their number
 */
struct places {
	struct place *items;
	size_t nr;
};

void places_read(const struct elf_file *file, struct places *places);
size_t places_at(const struct places *places, const struct elf_section *sec,
		 uint64_t offset);
int place_cmp(const struct elf_section *sec, uint64_t offset,
	      const struct place *place);

#endif /* KLP_CONVERT_PLACES_H */
