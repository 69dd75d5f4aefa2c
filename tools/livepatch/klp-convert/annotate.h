/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the author wrote in the source: KLP_RELOC_SYMBOL() and
 * KLP_MODULE_RELOC() of <linux/livepatch.h>
 */
#ifndef KLP_CONVERT_ANNOTATE_H
#define KLP_CONVERT_ANNOTATE_H

#include "arch.h"
#include "elf.h"
#include "names.h"

void annotations_take(struct elf_file *file, const struct arch *arch,
		      struct klp_ref **refs);

#endif /* KLP_CONVERT_ANNOTATE_H */
