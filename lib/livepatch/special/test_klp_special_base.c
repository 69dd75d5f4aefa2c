// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_klp_special_base - a static key that is there while the target is not
 *
 * Parameter:
 *
 *   key	state of the key that nobody exports
 */

#include <linux/module.h>
#include "test_klp_special.h"

static DEFINE_STATIC_KEY_FALSE(klp_special_base_key);

static int key_set(const char *value, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(value, &on);

	if (err)
		return err;
	if (on)
		static_branch_enable(&klp_special_base_key);
	else
		static_branch_disable(&klp_special_base_key);
	return 0;
}

static int key_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", static_branch_unlikely(&klp_special_base_key));
}

static const struct kernel_param_ops key_ops = { .set = key_set, .get = key_get };
module_param_cb(key, &key_ops, NULL, 0644);

/* The target cannot be loaded without it. */
void klp_special_base(void)
{
}
EXPORT_SYMBOL_GPL(klp_special_base);

static int __init test_klp_special_base_init(void)
{
	return 0;
}

static void __exit test_klp_special_base_exit(void)
{
}

module_init(test_klp_special_base_init);
module_exit(test_klp_special_base_exit);
MODULE_DESCRIPTION("Livepatch test: a static key of a module that stays");
MODULE_LICENSE("GPL");
