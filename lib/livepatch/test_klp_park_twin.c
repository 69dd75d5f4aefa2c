// SPDX-License-Identifier: GPL-2.0
/*
 * The second klp_park_twin() of test_klp_park, and the second cold part: which of
 * the two functions a part called "klp_park_twin.cold" belongs to, nothing tells.
 */

#include <linux/compiler.h>
#include "test_klp_park.h"
#include "test_klp_target.h"

static noinline __noclone int klp_park_twin(struct klp_park *park)
{
	klp_distinct(second twin);
	return klp_park_wait_aside(park, KLP_ORIGINAL);
}

int klp_park_twin2(struct klp_park *park)
{
	return klp_park_twin(park);
}
