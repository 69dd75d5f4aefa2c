// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Atomic replace: a patch that takes the place of all that are enabled.
 *
 * What the old patches change and the new one does not goes back to the original
 * code.  For the length of the transition the new patch gets a nop for each such
 * function: an entry like any other, except that the handler lets the call pass.
 * So tasks move from the old patches to the new one as they move to any patch.
 */
#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "internal.h"

static struct klp_object *find_object(struct klp_patch *patch, const char *name)
{
	struct klp_object *obj;

	klp_for_each_object(patch, obj)
		if (obj->name == name || (obj->name && name && !strcmp(obj->name, name)))
			return obj;
	return NULL;
}

static struct klp_object *add_object(struct klp_patch *patch, const char *name)
{
	struct klp_object *obj;

	obj = kzalloc(sizeof(*obj), GFP_KERNEL);
	if (!obj)
		return NULL;

	/* The old patch goes away before this one; NULL stays NULL, for vmlinux. */
	obj->name = kstrdup(name, GFP_KERNEL);
	if (name && !obj->name) {
		kfree(obj);
		return NULL;
	}
	obj->dynamic = true;
	INIT_LIST_HEAD(&obj->func_list);
	klp_sysfs_init_object(obj);
	list_add_tail(&obj->node, &patch->obj_list);
	return obj;
}

static int add_nop(struct klp_object *obj, const struct klp_func *old, bool unlisted)
{
	struct klp_func *nop;

	nop = kzalloc(sizeof(*nop), GFP_KERNEL);
	if (!nop)
		return -ENOMEM;
	nop->old_name = kstrdup(old->old_name, GFP_KERNEL);
	if (!nop->old_name) {
		kfree(nop);
		return -ENOMEM;
	}

	nop->old_sympos = old->old_sympos;
	nop->nop = true;
	nop->unlisted = unlisted;
	klp_sysfs_init_func(nop);
	list_add_tail(&nop->node, &obj->func_list);
	return 0;
}

/* Add to @obj what @old_obj redirects and it does not. */
static int add_nops(struct klp_object *obj, const struct klp_object *old_obj)
{
	size_t nr = list_count_nodes(&obj->func_list), i = 0;
	const struct klp_func **known, **same, *func;
	int err = 0;

	known = kvmalloc_array(max(nr, 1UL), sizeof(*known), GFP_KERNEL);
	if (!known)
		return -ENOMEM;
	klp_for_each_func(obj, func)
		known[i++] = func;
	sort(known, nr, sizeof(*known), klp_compare_funcs, NULL);

	klp_for_each_func(old_obj, func) {
		if (func->stack_only)
			continue;
		same = bsearch(&func, known, nr, sizeof(*known), klp_compare_funcs);
		if (same && !(*same)->stack_only)
			continue;
		/* That stack_only function has the directory which the nop would get. */
		err = add_nop(obj, func, same);
		if (err)
			break;
	}
	kvfree(known);
	return err;
}

int klp_replace_add_nops(struct klp_patch *patch)
{
	struct klp_object *obj, *old_obj;
	struct klp_patch *old;
	int err;

	lockdep_assert_held(&klp_mutex);

	klp_for_each_patch(old) {
		klp_for_each_object(old, old_obj) {
			obj = find_object(patch, old_obj->name) ?:
			      add_object(patch, old_obj->name);
			if (!obj)
				return -ENOMEM;
			err = add_nops(obj, old_obj);
			if (err)
				return err;
		}
	}
	return 0;
}

void klp_replace_unpatch(struct klp_patch *patch)
{
	struct klp_object *obj;
	struct klp_patch *old;

	lockdep_assert_held(&klp_mutex);

	/* model: replace 1, old functions */
	klp_for_each_patch(old) {
		if (old == patch)
			break;
		WRITE_ONCE(old->enabled, false);
		klp_for_each_object(old, obj)
			klp_object_unpatch(obj, false);
	}

	/* Only now: a nop has kept tasks away from the functions below it. */
	/* model: replace 2, nops */
	klp_for_each_object(patch, obj)
		klp_object_unpatch(obj, true);

	klp_redirect_shrink();
}

void klp_replace_free_nops(struct klp_patch *patch)
{
	struct klp_object *obj, *next_obj;
	struct klp_func *func, *next_func;

	klp_for_each_object_safe(patch, obj, next_obj) {
		klp_for_each_func_safe(obj, func, next_func) {
			if (!func->nop)
				continue;
			list_del(&func->node);
			kobject_put(&func->kobj);
		}
		if (obj->dynamic) {
			list_del(&obj->node);
			kobject_put(&obj->kobj);
		}
	}
}
