// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_abi_user - calls functions of test_klp_abi_target from another module
 *
 * Files in /sys/module/test_klp_abi_user/parameters/: add, many, sum; as there.
 */
#include <linux/module.h>
#include <linux/sysfs.h>
#include "test_klp_abi.h"

static long call_add(int *err)
{
	return klp_abi_call(err, klp_abi_add(100));
}

static long call_many(int *err)
{
	return klp_abi_call(err, klp_abi_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

static long call_sum(int *err)
{
	return klp_abi_call(err, klp_abi_sum(12, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L,
					     10L, 11L, 12L));
}

static int call_get(char *buffer, const struct kernel_param *kp)
{
	long (*call)(int *err) = kp->arg;
	int err = 0;
	long ret = call(&err);

	return err ?: sysfs_emit(buffer, "%ld\n", ret);
}

static const struct kernel_param_ops call_ops = {
	.get = call_get,
};

module_param_cb(add, &call_ops, call_add, 0444);
module_param_cb(many, &call_ops, call_many, 0444);
module_param_cb(sum, &call_ops, call_sum, 0444);

static int __init test_klp_abi_user_init(void)
{
	return 0;
}

static void __exit test_klp_abi_user_exit(void)
{
}

module_init(test_klp_abi_user_init);
module_exit(test_klp_abi_user_exit);
MODULE_DESCRIPTION("Livepatch test: calls from another module");
MODULE_LICENSE("GPL");
