/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turn references to symbols that are not exported into livepatch
 * relocations
 */
#ifndef KLP_CONVERT_CONVERT_H
#define KLP_CONVERT_CONVERT_H

#include <stddef.h>

#include "arch.h"
#include "elf.h"

void convert(struct elf_file *file, const struct arch *arch,
	     const char *const *symbol_files, size_t nr_symbol_files);

#endif /* KLP_CONVERT_CONVERT_H */
