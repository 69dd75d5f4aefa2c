// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The second source file of test_klp_reloc_target, for a function that has the
 * name of one in the first.
 */

#include <linux/compiler.h>
#include "test_klp_reloc.h"

static __used noinline __noclone int klp_reloc_twin(void)
{
	barrier();
	return klp_reloc_get_seed() + KLP_RELOC_TWIN2;
}
