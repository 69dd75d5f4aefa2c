// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pair of functions that comes and goes.
 */
#include <linux/module.h>
#include "klptorture.h"

static noinline __noclone void klpt_target_first(struct klpt_call *call)
{
	klpt_do_first(call, 0);
}

static noinline __noclone void klpt_target_second(struct klpt_call *call)
{
	klpt_check(call, 0);
}

static const struct klpt_pair pair = { klpt_target_first, klpt_target_second };

static int __init klptorture_target_init(void)
{
	klpt_add_target(&pair);
	return 0;
}

static void __exit klptorture_target_exit(void)
{
	klpt_del_target();
}

module_init(klptorture_target_init);
module_exit(klptorture_target_exit);
MODULE_DESCRIPTION("Torture test of live patching: a module to patch");
MODULE_LICENSE("GPL");
