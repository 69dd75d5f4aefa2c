/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between architectures, as tables
 */
#ifndef KLP_CONVERT_ARCH_H
#define KLP_CONVERT_ARCH_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct arch_reloc - a relocation that the architecture's module loader applies
 * @type:	R_*
 * @name:	for messages
 * @size:	bytes that it writes at r_offset, 0 if it writes nothing
 */
struct arch_reloc {
	uint32_t type;
	const char *name;
	unsigned int size;
};

/**
 * struct arch - one architecture
 * @machine:	EM_*
 * @pointer:	the relocation of a pointer in data
 * @nothing:	a relocation that the module loader passes over
 * @relocs:	what can be a livepatch relocation; ends with a NULL name
 * @own_symbols: undefined symbols that the module loader itself supplies;
 *		ends with NULL
 */
struct arch {
	unsigned int machine;
	uint32_t pointer;
	uint32_t nothing;
	const struct arch_reloc *relocs;
	const char *const *own_symbols;
};

const struct arch *arch_find(unsigned int machine);
const struct arch_reloc *arch_reloc(const struct arch *arch, uint32_t type);
bool arch_own_symbol(const struct arch *arch, const char *name);

#endif /* KLP_CONVERT_ARCH_H */
