/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Show what is livepatch-specific in a module
 */
#ifndef KLP_CONVERT_DUMP_H
#define KLP_CONVERT_DUMP_H

#include "arch.h"
#include "elf.h"

void dump(const struct elf_file *file, const struct arch *arch);

#endif /* KLP_CONVERT_DUMP_H */
