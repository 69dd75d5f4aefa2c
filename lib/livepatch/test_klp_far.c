// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_far - have the next module's code placed far away from the last one's
 *
 * Modules get the lowest place that is free, so they are near to each other, and
 * calls between them that should go by a stub could do without.  While this one is
 * loaded, there is no free place for code nearer to its own than `distance` bytes.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static unsigned long distance = 64 << 20;
module_param(distance, ulong, 0444);

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

static void free_areas(void)
{
	struct far_area *area, *tmp;

	list_for_each_entry_safe(area, tmp, &areas, node) {
		vunmap(area->addr);
		kfree(area);
	}
	__free_page(page);
}

static int __init test_klp_far_init(void)
{
	unsigned long wanted = (unsigned long)add_area + distance;
	int err;

	page = alloc_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	do {
		err = add_area();
	} while (!err && last_addr() < wanted);
	if (err)
		free_areas();
	return err;
}

static void __exit test_klp_far_exit(void)
{
	free_areas();
}

module_init(test_klp_far_init);
module_exit(test_klp_far_exit);
MODULE_DESCRIPTION("Livepatch test: modules that are far away from each other");
MODULE_LICENSE("GPL");
