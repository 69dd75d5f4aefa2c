/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Special sections: tables of places in code that the kernel patches when it
 * loads a module
 *
 * An entry is late when it cannot be used before some module is there: because
 * it refers to a symbol of that module itself, or because the code that it
 * names does.  Late entries wait in ".klp.arch.OBJECT.SECTION", a section with
 * the same layout, which the core processes when the module comes.
 */
#ifndef KLP_CONVERT_SPECIAL_H
#define KLP_CONVERT_SPECIAL_H

#include "arch.h"
#include "elf.h"

void special_defer(struct elf_file *file, const struct arch *arch);
void special_verify(const struct elf_file *file, const struct arch *arch);
void special_dump(const struct elf_file *file, const struct arch *arch,
		  const struct elf_section *sec);

#endif /* KLP_CONVERT_SPECIAL_H */
