/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a livepatch patches: its struct klp_patch, as far as it is there before
 * the module runs
 */
#ifndef KLP_CONVERT_PATCH_H
#define KLP_CONVERT_PATCH_H

#include "arch.h"
#include "elf.h"

/**
 * struct patch_func - a function that is replaced, or only looked for on stacks
 * @object:	the object that it is in
 * @name:	its name; may be NULL if it is looked for
 * @pos:	its position, see struct klp_func
 * @new_func:	what replaces it, or what section that is in; or, of what is
 *		looked for, the livepatch's function, which may be NULL
 * @code:	the section that is in
 * @from:	where it begins
 * @to:		where it ends; @from if it is not known as a function
 */
struct patch_func {
	const char *object;
	const char *name;
	unsigned long pos;
	const char *new_func;
	const struct elf_section *code;
	uint64_t from;
	uint64_t to;
};

/**
 * struct patch - a livepatch; starts as zeroes
 * @objects:	names of the objects
 * @nr_objects:	their number
 * @funcs:	the functions that are replaced
 * @nr_funcs:	their number
 * @stack_only:	those that are looked for on stacks
 * @nr_stack_only: their number
 * @mistakes:	why the core will refuse it
 * @nr_mistakes: their number
 * @empty:	those of the objects that have no array of functions, unless the module makes
 *		one when it runs
 * @nr_empty:	their number
 */
struct patch {
	const char **objects;
	size_t nr_objects;
	struct patch_func *funcs;
	size_t nr_funcs;
	struct patch_func *stack_only;
	size_t nr_stack_only;
	const char **mistakes;
	size_t nr_mistakes;
	const char **empty;
	size_t nr_empty;
};

void patch_read(const struct elf_file *file, const struct arch *arch,
		struct patch *patch);
bool patch_has_object(const struct patch *patch, const char *name);
bool patch_has_func(const struct patch *patch, const char *object,
		    const char *name);
void patch_verify(const struct elf_file *file, const struct patch *patch);
bool patch_may_name(const struct elf_file *file, const char *object);

#endif /* KLP_CONVERT_PATCH_H */
