/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules that a livepatch module's ELF must keep
 *
 * In one place, for what klp-convert makes and for what others made.
 */
#ifndef KLP_CONVERT_VERIFY_H
#define KLP_CONVERT_VERIFY_H

#include "arch.h"
#include "elf.h"
#include "symbols.h"

const struct arch *verify_livepatch(const struct elf_file *file);
void verify_want(const struct elf_file *file, struct symbols *symbols);
void verify(const struct elf_file *file, const struct arch *arch,
	    const struct symbols *symbols);

#endif /* KLP_CONVERT_VERIFY_H */
