// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_klp_reloc_base - what test_klp_reloc_target cannot be loaded without
 *
 * So a livepatch of that module may refer to symbols of this one.
 */

#include <linux/module.h>
#include "test_klp_reloc.h"

static int klp_reloc_base_seed;
module_param_named(seed, klp_reloc_base_seed, int, 0444);

/* Called by nobody but the livepatch. */
static __used noinline __noclone int klp_reloc_base_hidden(int add)
{
	barrier();
	return klp_reloc_base_seed + add;
}

int klp_reloc_base(void)
{
	return klp_reloc_base_seed;
}
EXPORT_SYMBOL_GPL(klp_reloc_base);

MODULE_DESCRIPTION("Livepatch test: what a patched module depends on");
MODULE_LICENSE("GPL");
