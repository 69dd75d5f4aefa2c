// SPDX-License-Identifier: GPL-2.0
/*
 * The second klp_target_twin() of test_klp_target.
 *
 * It has a file of its own because that is how homonyms come about: two files
 * of one module, each with a static function of the same name.  This file is
 * linked second, so its function is at position 2.
 */

#include <linux/compiler.h>
#include "test_klp_target.h"

static noinline __noclone int klp_target_twin(void)
{
	klp_distinct(second twin);
	return KLP_ORIGINAL;
}

int klp_target_twin2(void)
{
	return klp_target_twin();
}
