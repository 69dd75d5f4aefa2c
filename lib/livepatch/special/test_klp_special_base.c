// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_klp_special_base - a static key and a static call that are there while the
 * target is not
 *
 * Parameters, of what nobody exports:
 *
 *   key	state of the key
 *   call	which function the static call calls, 0 for none
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
	return sysfs_emit(buffer, "%d\n", static_branch_unlikely(&klp_special_base_key) ? 1 : 0);
}

static const struct kernel_param_ops key_ops = { .set = key_set, .get = key_get };
module_param_cb(key, &key_ops, NULL, 0644);

static int klp_special_base_one(int *where)
{
	*where = 1;
	return 1;
}

static int klp_special_base_two(int *where)
{
	*where = 2;
	return 2;
}

DEFINE_STATIC_CALL(klp_special_base_sc, klp_special_base_one);

static int call_set(const char *value, const struct kernel_param *kp)
{
	switch (*value) {
	case '0':
		static_call_update(klp_special_base_sc, NULL);
		return 0;
	case '1':
		static_call_update(klp_special_base_sc, klp_special_base_one);
		return 0;
	case '2':
		static_call_update(klp_special_base_sc, klp_special_base_two);
		return 0;
	default:
		return -EINVAL;
	}
}

static const struct kernel_param_ops call_ops = { .set = call_set };
module_param_cb(call, &call_ops, NULL, 0200);

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
MODULE_DESCRIPTION("Livepatch test: a static key and a static call of a module that stays");
MODULE_LICENSE("GPL");
