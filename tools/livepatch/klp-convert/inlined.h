/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where functions have been inlined, from debugging information
 */
#ifndef KLP_CONVERT_INLINED_H
#define KLP_CONVERT_INLINED_H

#include <stddef.h>

/**
 * struct inlined - a copy of a function in another one
 * @name:	the function
 * @caller:	the function that has the copy
 * @unit:	the source file that is in
 */
struct inlined {
	const char *name;
	const char *caller;
	const char *unit;
};

const char *inlined_find(const char *path, const char *const *names,
			 size_t nr_names, struct inlined **found, size_t *nr);

#endif /* KLP_CONVERT_INLINED_H */
