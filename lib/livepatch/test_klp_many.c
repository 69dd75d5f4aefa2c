// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_many - a module with a thousand functions to patch
 *
 * Owns klp_many_0() to klp_many_999().  Reading
 * /sys/module/test_klp_many/parameters/versions calls all of them and prints who
 * answered, in ranges: "0-199 a" and "200-999 original".  A function that
 * answers for another one ends the reading with EIO.
 */

#include <linux/module.h>
#include <linux/sysfs.h>
#include "test_klp_many.h"

#define KLP_MANY(index)								\
	static noinline __noclone unsigned int klp_many_##index(void)			\
	{									\
		barrier();							\
		return KLP_MANY_RESULT(index, 0);				\
	}
#include "test_klp_many_list.h"
#undef KLP_MANY

#define KLP_MANY(index)		klp_many_##index,
static unsigned int (*const many[])(void) = {
#include "test_klp_many_list.h"
};

static int versions_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int i, end, result, version;
	int len = 0;

	for (i = 0; i < KLP_MANY_FUNCTIONS; i = end) {
		version = KLP_MANY_VERSION(many[i]());

		for (end = i; end < KLP_MANY_FUNCTIONS; end++) {
			result = many[end]();
			if (KLP_MANY_INDEX(result) != end)
				return -EIO;
			if (KLP_MANY_VERSION(result) != version)
				break;
		}

		len += sysfs_emit_at(buffer, len, "%u-%u ", i, end - 1);
		len += version ? sysfs_emit_at(buffer, len, "%c\n", version) :
				 sysfs_emit_at(buffer, len, "original\n");
	}
	return len;
}

static const struct kernel_param_ops versions_ops = {
	.get = versions_get,
};
module_param_cb(versions, &versions_ops, NULL, 0444);

static int __init test_klp_many_init(void)
{
	return 0;
}

static void __exit test_klp_many_exit(void)
{
}

module_init(test_klp_many_init);
module_exit(test_klp_many_exit);
MODULE_DESCRIPTION("Livepatch test: a thousand functions");
MODULE_LICENSE("GPL");
