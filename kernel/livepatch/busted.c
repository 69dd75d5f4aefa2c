// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which way to be broken was chosen at boot, see busted.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "busted.h"

/* See busted.h; the handler reads it. */
enum klp_busted_variant klp_busted_variant __ro_after_init;

#define KLP_BUSTED(name) #name

static const char * const names[] = {
	"none",
#include "busted_variants.h"
};

#undef KLP_BUSTED

static int busted_set(const char *value, const struct kernel_param *kp)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]))
			continue;
		klp_busted_variant = i;
		pr_warn("broken on purpose: %s\n", value);
		return 0;
	}
	return -EINVAL;
}

static int busted_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", names[klp_busted_variant]);
}

static const struct kernel_param_ops busted_ops = {
	.set = busted_set,
	.get = busted_get,
};
module_param_cb(busted, &busted_ops, NULL, 0444);
