/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the compiler made of the functions that a livepatch replaces
 *
 * The original build tells: by its symbols, its debugging information and, if
 * there are any, dumps of GCC.  All of these are warnings, because what the
 * author must do, if anything, nobody else can know.
 */
#ifndef KLP_CONVERT_ORIGINAL_H
#define KLP_CONVERT_ORIGINAL_H

#include "patch.h"
#include "symbols.h"

void original_object(const char *path, const struct patch *patch,
		     const struct symbols *symbols);
void original_dump(const char *path, const struct patch *patch);

#endif /* KLP_CONVERT_ORIGINAL_H */
