// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /sys/kernel/livepatch: a directory for each patch, in it one for each object,
 * in it one for each function.  Documentation/ABI/testing/sysfs-kernel-livepatch
 *
 * The file "stalled" of a patch is made by stall.c.
 *
 * Whoever removes a file waits for those who use it.  Some files of a patch take
 * klp_mutex: they are made one by one, since a group of them is removed again when one
 * cannot be made, and removed with their directory, without klp_mutex.  Those of
 * objects and functions take no lock: they may be removed under klp_mutex.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "internal.h"

static struct kobject *klp_root_kobj;

bool klp_sysfs_ready(void)
{
	return klp_root_kobj;
}

static struct klp_patch *to_patch(struct kobject *kobj)
{
	return container_of(kobj, struct klp_patch, kobj);
}

/* What a write returns; of one that has failed the log tells, too. */
static ssize_t written(struct kobject *kobj, const char *file, int err, size_t count)
{
	if (!err)
		return count;
	pr_notice_ratelimited("'%s': writing to '%s' failed (%d)\n", kobject_name(kobj), file, err);
	return err;
}

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(to_patch(kobj)->enabled));
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	bool enable;
	int err;

	err = kstrtobool(buf, &enable) ?: klp_patch_set_enabled(to_patch(kobj), enable);
	return written(kobj, attr->attr.name, err, count);
}

static struct kobj_attribute enabled_attr = __ATTR_RW(enabled);

static ssize_t transition_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(klp_transition_patch) == to_patch(kobj));
}

static struct kobj_attribute transition_attr = __ATTR_RO(transition);

static ssize_t force_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	bool force;
	int err;

	err = kstrtobool(buf, &force);
	if (!err && force)
		err = klp_patch_force(to_patch(kobj));
	return written(kobj, attr->attr.name, err, count);
}

static struct kobj_attribute force_attr = __ATTR_WO(force);

static ssize_t replace_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", to_patch(kobj)->replace);
}

static struct kobj_attribute replace_attr = __ATTR_RO(replace);

static ssize_t stack_order_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct klp_patch *patch;
	int order = 0, found = 0;

	mutex_lock(&klp_mutex);
	klp_for_each_patch(patch) {
		order++;
		if (patch == to_patch(kobj))
			found = order;
	}
	mutex_unlock(&klp_mutex);

	/* 0: the patch is being freed. */
	return sysfs_emit(buf, "%d\n", found);
}

static struct kobj_attribute stack_order_attr = __ATTR_RO(stack_order);

static struct attribute *patch_attrs[] = {
	&enabled_attr.attr,
	&transition_attr.attr,
	&force_attr.attr,
	&replace_attr.attr,
	&stack_order_attr.attr,
	NULL
};

bool klp_sysfs_is_file(const char *name)
{
	struct attribute **attr;

	for (attr = patch_attrs; *attr; attr++)
		if (!strcmp(name, (*attr)->name))
			return true;
	return !strcmp(name, KLP_STALL_FILE);
}

static ssize_t patched_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct klp_object *obj = container_of(kobj, struct klp_object, kobj);

	return sysfs_emit(buf, "%d\n", READ_ONCE(obj->patched));
}

static struct kobj_attribute patched_attr = __ATTR_RO(patched);

static struct attribute *object_attrs[] = {
	&patched_attr.attr,
	NULL
};
ATTRIBUTE_GROUPS(object);

static void release_patch(struct kobject *kobj)
{
	complete(&to_patch(kobj)->finish);
}

static void release_object(struct kobject *kobj)
{
	struct klp_object *obj = container_of(kobj, struct klp_object, kobj);

	if (obj->dynamic) {
		kfree(obj->name);
		kfree(obj);
	}
}

static void release_func(struct kobject *kobj)
{
	struct klp_func *func = container_of(kobj, struct klp_func, kobj);

	if (func->nop) {
		kfree(func->old_cold);
		kfree(func->old_name);
		kfree(func);
	}
}

static const struct kobj_type patch_ktype = {
	.release	= release_patch,
	.sysfs_ops	= &kobj_sysfs_ops,
};

static const struct kobj_type object_ktype = {
	.release	= release_object,
	.sysfs_ops	= &kobj_sysfs_ops,
	.default_groups	= object_groups,
};

static const struct kobj_type func_ktype = {
	.release	= release_func,
	.sysfs_ops	= &kobj_sysfs_ops,
};

/* The structures are the livepatch module's and may have been used before. */
static void init_kobj(struct kobject *kobj, const struct kobj_type *ktype)
{
	memset(kobj, 0, sizeof(*kobj));
	kobject_init(kobj, ktype);
}

void klp_sysfs_init_patch(struct klp_patch *patch)
{
	init_kobj(&patch->kobj, &patch_ktype);
}

void klp_sysfs_init_object(struct klp_object *obj)
{
	init_kobj(&obj->kobj, &object_ktype);
}

void klp_sysfs_init_func(struct klp_func *func)
{
	init_kobj(&func->kobj, &func_ktype);
}

bool klp_sysfs_has_patch(const struct klp_patch *patch)
{
	struct kernfs_node *dir = kernfs_find_and_get(klp_root_kobj->sd, patch->mod->name);

	kernfs_put(dir);
	return dir;
}

int klp_sysfs_add_patch(struct klp_patch *patch)
{
	struct attribute **attr;
	int err;

	err = kobject_add(&patch->kobj, klp_root_kobj, "%s", patch->mod->name);
	for (attr = patch_attrs; !err && *attr; attr++)
		err = sysfs_create_file(&patch->kobj, *attr);
	return err ?: klp_stall_add_file(patch);
}

int klp_sysfs_add_object(struct klp_patch *patch, struct klp_object *obj)
{
	return kobject_add(&obj->kobj, &patch->kobj, "%s", klp_object_name(obj));
}

int klp_sysfs_add_func(struct klp_object *obj, struct klp_func *func)
{
	return kobject_add(&func->kobj, &obj->kobj, "%s,%lu", klp_func_name(func),
			   klp_func_position(func));
}

static int __init klp_sysfs_init(void)
{
	klp_root_kobj = kobject_create_and_add("livepatch", kernel_kobj);
	return klp_root_kobj ? 0 : -ENOMEM;
}
module_init(klp_sysfs_init);
