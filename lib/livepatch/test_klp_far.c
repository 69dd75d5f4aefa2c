// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_far - have the next module's code placed far away from the last one's
 *
 * Modules get the lowest place that is free, so they are near to each other, and
 * calls between them that should go by a stub could do without.  What is written to
 * /sys/module/test_klp_far/parameters/distance is how many bytes from this module's
 * code on no place is left, until it is unloaded or others free theirs.
 */
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct far_area {
	struct list_head node;
	void *addr;
};

static LIST_HEAD(areas);
static struct page *page;

/* The same page all the time: it is addresses that are used up. */
static int add_area(void)
{
	struct far_area *area = kmalloc(sizeof(*area), GFP_KERNEL);

	if (!area)
		return -ENOMEM;
	area->addr = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (!area->addr) {
		kfree(area);
		return -ENOMEM;
	}
	list_add(&area->node, &areas);
	return 0;
}

static unsigned long last_addr(void)
{
	return (unsigned long)list_first_entry(&areas, struct far_area, node)->addr;
}

static int distance_set(const char *value, const struct kernel_param *kp)
{
	unsigned long distance;
	int err;

	err = kstrtoul(value, 0, &distance);
	if (err)
		return err;
	/* What is free, but not yet for others. */
	vm_unmap_aliases();
	do {
		err = add_area();
	} while (!err && last_addr() < (unsigned long)distance_set + distance);
	return err;
}

static const struct kernel_param_ops distance_ops = {
	.set = distance_set,
};
module_param_cb(distance, &distance_ops, NULL, 0200);

static int __init test_klp_far_init(void)
{
	page = alloc_page(GFP_KERNEL);
	return page ? 0 : -ENOMEM;
}

static void __exit test_klp_far_exit(void)
{
	struct far_area *area, *tmp;

	list_for_each_entry_safe(area, tmp, &areas, node) {
		vunmap(area->addr);
		kfree(area);
	}
	__free_page(page);
}

module_init(test_klp_far_init);
module_exit(test_klp_far_exit);
MODULE_DESCRIPTION("Livepatch test: modules that are far away from each other");
MODULE_LICENSE("GPL");
