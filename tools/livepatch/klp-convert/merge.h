/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merge the sections that -ffunction-sections and -fdata-sections make
 *
 * A livepatch of hundreds of functions would else have hundreds of sections,
 * and as many sections of relocations for each object.
 */
#ifndef KLP_CONVERT_MERGE_H
#define KLP_CONVERT_MERGE_H

#include "elf.h"

void merge_sections(struct elf_file *file);

#endif /* KLP_CONVERT_MERGE_H */
