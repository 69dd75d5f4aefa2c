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

/**
 * struct build - what is known of the build that a livepatch is for
 * @symbols:	files made by --make-symbols; without any, only annotated
 *		symbols are converted
 * @nr_symbols:	their number
 * @vmlinux:	the kernel that the symbols have to be of, or NULL
 * @originals:	vmlinux and modules, to see what the compiler did
 * @nr_originals: their number
 * @dumps:	what GCC was asked to write down
 * @nr_dumps:	their number
 */
struct build {
	const char **symbols;
	size_t nr_symbols;
	const char *vmlinux;
	const char **originals;
	size_t nr_originals;
	const char **dumps;
	size_t nr_dumps;
};

void convert(struct elf_file *file, const struct arch *arch,
	     const struct build *build);
void check(struct elf_file *file, const struct arch *arch,
	   const struct build *build);

#endif /* KLP_CONVERT_CONVERT_H */
