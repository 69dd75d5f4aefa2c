/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the author wrote in the source: KLP_RELOC_SYMBOL() and
 * KLP_MODULE_RELOC() of <linux/livepatch.h>; and what modpost found
 */
#ifndef KLP_CONVERT_ANNOTATE_H
#define KLP_CONVERT_ANNOTATE_H

#include "arch.h"
#include "elf.h"
#include "names.h"

void annotations_take(struct elf_file *file, const struct arch *arch,
		      struct klp_ref **refs);

/**
 * struct undefined - what modpost has found nobody to export; starts as zeroes
 * @names:	each with a zero behind it; NULL if modpost does not tell
 * @size:	of all
 */
struct undefined {
	const char *names;
	size_t size;
};

void undefined_take(struct elf_file *file, struct undefined *undefined);
bool undefined_has(const struct undefined *undefined, const char *name);

#endif /* KLP_CONVERT_ANNOTATE_H */
