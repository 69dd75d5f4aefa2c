// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One object of a patch: vmlinux, or a module that is loaded now, later or never.
 *
 * While its target is loaded, an object is bound to it: relocations are applied,
 * special sections that had to wait are processed, and each function knows the
 * address, the size and the cold parts of the code on both sides.  A bound object
 * can be patched.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <trace/events/livepatch.h>
#include "internal.h"

int klp_compare_funcs(const void *a, const void *b)
{
	const struct klp_func *x = *(const struct klp_func **)a;
	const struct klp_func *y = *(const struct klp_func **)b;

	return strcmp(klp_func_name(x), klp_func_name(y)) ?:
	       klp_compare(klp_func_position(x), klp_func_position(y));
}

/*
 * Functions of vmlinux that somebody is always in: a transition that waits for all to
 * leave them could never complete.
 */
static const char *const never_left[] = {
	/* Every task that sleeps */
	"schedule",
	/* Every kthread */
	"kthread", "ret_from_fork",
	/* CPUs that are idle */
	"cpu_startup_entry", "do_idle",
	/* CPUs that are off; nobody looks at their stacks, and an NMI may have them go on */
	"arch_cpu_idle_dead", "cpuidle_play_dead", "cpuidle_get_cpu_driver",
	"acpi_idle_play_dead", "native_play_dead", "hlt_play_dead", "xen_pv_play_dead",
	"acpi_mp_play_dead", "sev_es_play_dead", "sev_es_ap_hlt_loop",
	"play_dead_common", "tboot_shutdown", "cpuhp_ap_report_dead",
	"pseries_cpu_offline_self", "pnv_cpu_offline_self",
};

static bool is_never_left(const struct klp_object *obj, const char *old_name)
{
	return !klp_is_module(obj) &&
	       match_string(never_left, ARRAY_SIZE(never_left), old_name) >= 0;
}

static bool is_symbol_name(const char *name)
{
	return *name && strlen(name) < KSYM_NAME_LEN;
}

/* What is wrong with the description of a function, or NULL. */
static const char *find_mistake(const struct klp_object *obj, const struct klp_func *func)
{
	if (!func->old_name && !func->stack_only)
		return "has no old_name";
	if (!func->old_name && !func->new_name)
		return "has neither old_name nor new_name";
	if (!func->old_name && func->old_sympos)
		return "has a position and no old_name";
	if (func->old_name && !is_symbol_name(func->old_name))
		return "has an old_name that is empty or too long";
	if (func->old_name && is_never_left(obj, func->old_name))
		return "is always on somebody's stack, no transition could complete";
	if (func->new_name && !is_symbol_name(func->new_name))
		return "has a new_name that is empty or too long";
	if (func->new_name && !func->stack_only)
		return "has a new_name and is not stack_only";
	if (func->new_func && func->stack_only)
		return "is stack_only and has a new_func";
	if (!func->new_func && !func->stack_only)
		return "has no new_func";
	return NULL;
}

static int check_names(const struct klp_patch *patch, const struct klp_object *obj,
		       size_t *nr)
{
	const struct klp_func *func;
	const char *mistake;

	if (!obj->funcs) {
		pr_err("'%s': object '%s' has no array of functions\n",
		       patch->mod->name, klp_object_name(obj));
		return -EINVAL;
	}
	if (klp_is_module(obj) &&
	    (!*obj->name || !strcmp(obj->name, "vmlinux") || strchr(obj->name, '/') ||
	     strlen(obj->name) >= MODULE_NAME_LEN || klp_sysfs_is_file(obj->name))) {
		pr_err("'%s': '%s' cannot be the name of a module\n",
		       patch->mod->name, obj->name);
		return -EINVAL;
	}

	*nr = 0;
	klp_for_each_func_static(obj, func) {
		mistake = find_mistake(obj, func);
		if (mistake) {
			pr_err("'%s': function %zu, '%.*s', of object '%s' %s\n",
			       patch->mod->name, *nr, KSYM_NAME_LEN,
			       klp_func_name(func) ?: "", klp_object_name(obj), mistake);
			return -EINVAL;
		}
		++*nr;
	}
	return 0;
}

int klp_object_check(const struct klp_patch *patch, const struct klp_object *obj)
{
	const struct klp_func **sorted;
	struct klp_func *func;
	size_t nr, i = 0;
	int err;

	err = check_names(patch, obj, &nr);
	if (err || nr < 2)
		return err;

	/* Twins are found among neighbours, so that many functions stay cheap. */
	sorted = kvmalloc_array(nr, sizeof(*sorted), GFP_KERNEL);
	if (!sorted)
		return -ENOMEM;
	klp_for_each_func_static(obj, func)
		sorted[i++] = func;
	sort(sorted, nr, sizeof(*sorted), klp_compare_funcs, NULL);

	for (i = 1; !err && i < nr; i++) {
		if (klp_compare_funcs(&sorted[i - 1], &sorted[i]))
			continue;
		pr_err("'%s': function '%s' of object '%s' appears twice\n",
		       patch->mod->name, klp_func_name(sorted[i]), klp_object_name(obj));
		err = -EINVAL;
	}
	kvfree(sorted);
	return err;
}

void klp_object_find_module(struct klp_object *obj)
{
	struct module *mod;

	lockdep_assert_held(&klp_mutex);
	if (!klp_is_module(obj))
		return;

	rcu_read_lock_sched();
	/*
	 * klp_alive is changed under klp_mutex: either klp_module_coming() has
	 * run and klp_module_going() has not, or one of them will find the object.
	 */
	mod = find_module(obj->name);
	if (mod && mod->klp_alive)
		obj->mod = mod;
	rcu_read_unlock_sched();
}

void klp_object_free_parts(struct klp_object *obj)
{
	struct klp_func *func;

	klp_for_each_func(obj, func) {
		kfree(func->old_cold);
		kfree(func->new_cold);
		func->old_cold = NULL;
		func->new_cold = NULL;
		func->old_func = NULL;
		/*
		 * A nop follows the original wherever that is loaded next; of a
		 * stack_only function it was not the livepatch that filled it in.
		 */
		if (func->nop || func->stack_only)
			func->new_func = NULL;
	}
}

static int find_symbol(const struct klp_patch *patch, const struct klp_symbols *syms,
		       const char *name, unsigned long sympos, unsigned long *addr)
{
	const char *object = syms->mod ? syms->mod->name : "vmlinux";

	switch (klp_symbols_find(syms, name, sympos, addr)) {
	case 0:
		return 0;
	case -ENOTUNIQ:
		pr_err("'%s': unresolvable ambiguity for symbol '%s' in object '%s'\n",
		       patch->mod->name, name, object);
		return -EINVAL;
	case -ERANGE:
		pr_err("'%s': symbol position %lu for symbol '%s' in object '%s' not found\n",
		       patch->mod->name, sympos, name, object);
		return -EINVAL;
	default:
		pr_err("'%s': symbol '%s' not found in object '%s'\n",
		       patch->mod->name, name, object);
		return -EINVAL;
	}
}

/*
 * Where ftrace hooks a function, or 0.  Behind the function may be a weak one that another
 * has taken the place and the name of; kallsyms takes it for a part of the function, and
 * ftrace accepts its place but does nothing there, see ftrace_check_for_weak_functions().
 * A search finds any of those that are in the range.
 */
static unsigned long find_ftrace_ip(unsigned long addr, unsigned long size)
{
	unsigned long last = addr + min_t(unsigned long, size - 1, FTRACE_MCOUNT_MAX_OFFSET);
	unsigned long ip = ftrace_location_range(addr, last), before;

	while (ip >= addr + MCOUNT_INSN_SIZE &&
	       (before = ftrace_location_range(addr, ip - 1)))
		ip = before;
	return ip;
}

static int find_old_func(const struct klp_patch *patch, const struct klp_object *obj,
			 struct klp_func *func, const struct klp_symbols *syms)
{
	unsigned long addr;
	int err;

	if (!func->old_name)
		return 0;

	err = find_symbol(patch, syms, func->old_name, func->old_sympos, &addr);
	if (err)
		return err;

	func->old_size = klp_symbols_size(syms, addr);
	if (!func->old_size) {
		pr_err("'%s': size of function '%s' in object '%s' not found\n",
		       patch->mod->name, func->old_name, klp_object_name(obj));
		return -EINVAL;
	}
	func->ip = find_ftrace_ip(addr, func->old_size);
	if (!func->ip && !func->stack_only) {
		pr_err("'%s': function '%s' in object '%s' cannot be traced\n",
		       patch->mod->name, func->old_name, klp_object_name(obj));
		return -EINVAL;
	}

	func->old_func = (void *)addr;
	return klp_symbols_cold(syms, addr, &func->old_cold);
}

static int find_new_func(const struct klp_patch *patch, const struct klp_object *obj,
			 struct klp_func *func, const struct klp_symbols *syms)
{
	unsigned long addr;
	int err;

	/* Its calls go on in the original, of which tasks must not see two versions either. */
	if (func->nop) {
		func->new_func = func->old_func;
		func->new_size = func->old_size;
		return 0;
	}

	if (func->stack_only) {
		if (!func->new_name)
			return 0;
		err = find_symbol(patch, syms, func->new_name, 0, &addr);
		if (err)
			return err;
		func->new_func = (void *)addr;
	} else {
		addr = (unsigned long)dereference_function_descriptor(func->new_func);
	}

	func->new_size = klp_symbols_size(syms, addr);
	if (!func->new_size) {
		pr_err("'%s': replacement of function '%s' in object '%s' is not in the livepatch module\n",
		       patch->mod->name, klp_func_name(func), klp_object_name(obj));
		return -EINVAL;
	}
	return klp_symbols_cold(syms, addr, &func->new_cold);
}

/* Nops first among those of one function. */
static int compare_old_func(const void *a, const void *b)
{
	const struct klp_func *x = *(const struct klp_func **)a;
	const struct klp_func *y = *(const struct klp_func **)b;

	return klp_compare((unsigned long)x->old_func, (unsigned long)y->old_func) ?:
	       klp_compare(y->nop, x->nop);
}

/* Two names of one function: only one of the replacements could ever run. */
static int check_aliases(const struct klp_patch *patch, struct klp_object *obj)
{
	size_t nr = list_count_nodes(&obj->func_list), i = 0;
	struct klp_func **sorted, *func;
	int err = 0;

	if (nr < 2)
		return 0;
	sorted = kvmalloc_array(nr, sizeof(*sorted), GFP_KERNEL);
	if (!sorted)
		return -ENOMEM;
	klp_for_each_func(obj, func)
		if (!func->stack_only)
			sorted[i++] = func;
	nr = i;
	sort(sorted, nr, sizeof(*sorted), compare_old_func, NULL);

	for (i = 1; !err && i < nr; i++) {
		if (sorted[i - 1]->old_func != sorted[i]->old_func)
			continue;
		/* The new patch knows a function by another name than the old one did. */
		if (sorted[i - 1]->nop) {
			sorted[i - 1]->old_func = NULL;
			continue;
		}
		pr_err("'%s': functions '%s' and '%s' of object '%s' are the same\n",
		       patch->mod->name, sorted[i - 1]->old_name, sorted[i]->old_name,
		       klp_object_name(obj));
		err = -EINVAL;
	}
	kvfree(sorted);
	return err;
}

static int find_funcs(const struct klp_patch *patch, struct klp_object *obj,
		      const struct klp_symbols *old_syms,
		      const struct klp_symbols *new_syms)
{
	struct klp_func *func;
	int err;

	klp_for_each_func(obj, func) {
		err = find_old_func(patch, obj, func, old_syms) ?:
		      find_new_func(patch, obj, func, new_syms);
		if (err)
			return err;
	}
	return check_aliases(patch, obj);
}

int klp_object_load(struct klp_patch *patch, struct klp_object *obj)
{
	struct klp_symbols *old_syms, *new_syms;
	int err;

	lockdep_assert_held(&klp_mutex);

	old_syms = klp_symbols_open(obj->mod);
	if (IS_ERR(old_syms))
		return PTR_ERR(old_syms);
	/* Objects that have only callbacks are common. */
	new_syms = list_empty(&obj->func_list) ? NULL : klp_symbols_open(patch->mod);
	if (IS_ERR(new_syms)) {
		err = PTR_ERR(new_syms);
		goto out_old;
	}

	err = new_syms ? find_funcs(patch, obj, old_syms, new_syms) : 0;
	if (err)
		goto err_parts;

	/*
	 * Comes last: it changes the livepatch, whose code for other objects may be running.
	 * What it has for vmlinux was done when it was loaded.
	 */
	if (klp_is_module(obj)) {
		err = klp_relocs_apply(patch, obj, old_syms);
		if (err)
			goto err_parts;
		err = klp_special_add(patch, obj);
		if (err)
			goto err_relocs;
	}

	trace_klp_object_load(patch, obj);
	goto out_new;

err_relocs:
	klp_relocs_clear(patch, obj);
err_parts:
	klp_object_free_parts(obj);
out_new:
	klp_symbols_close(new_syms);
out_old:
	klp_symbols_close(old_syms);
	return err;
}

void klp_object_unload(struct klp_patch *patch, struct klp_object *obj)
{
	lockdep_assert_held(&klp_mutex);
	trace_klp_object_unload(patch, obj);

	klp_object_free_parts(obj);
	if (!klp_is_module(obj))
		return;

	klp_special_del(patch, obj, true);
	klp_relocs_clear(patch, obj);
	obj->mod = NULL;
}

static const char *object_of(struct klp_patch *patch, const struct klp_func *func)
{
	struct klp_object *obj;
	struct klp_func *other;

	klp_for_each_object(patch, obj)
		klp_for_each_func(obj, other)
			if (other == func)
				return klp_object_name(obj);
	return "?";
}

static void set_patched(struct klp_patch *patch, struct klp_object *only)
{
	struct klp_object *obj;
	struct klp_func *func;

	klp_for_each_object(patch, obj) {
		if (only ? obj != only : !klp_is_object_loaded(obj))
			continue;
		WRITE_ONCE(obj->patched, true);
		if (!trace_klp_func_patch_enabled())
			continue;
		klp_for_each_func(obj, func)
			if (func->patched)
				trace_klp_func_patch(obj, func);
	}
}

int klp_objects_patch(struct klp_patch *patch, struct klp_object *only)
{
	const struct klp_func *refused = NULL;
	struct klp_object *obj;
	struct klp_func *func;
	LIST_HEAD(batch);
	int err;

	lockdep_assert_held(&klp_mutex);

	klp_for_each_object(patch, obj) {
		if (only ? obj != only : !klp_is_object_loaded(obj))
			continue;
		if (WARN_ON_ONCE(obj->patched))
			return -EINVAL;
		klp_for_each_func(obj, func)
			if (func->old_func && !func->stack_only)
				list_add_tail(&func->stack_node, &batch);
	}

	err = klp_redirect_add(&batch, &refused);
	if (!err) {
		set_patched(patch, only);
		return 0;
	}

	if (refused) {
		pr_err("failed to register ftrace handler for function '%s' (%d)\n",
		       refused->old_name, err);
		pr_warn("failed to patch object '%s'\n", object_of(patch, refused));
	} else {
		pr_err("'%s': cannot redirect functions (%d)\n", patch->mod->name, err);
	}
	return err;
}

void klp_object_unpatch(struct klp_object *obj, bool nops_only)
{
	struct klp_func *func;

	lockdep_assert_held(&klp_mutex);

	klp_for_each_func(obj, func) {
		if (!func->patched || (nops_only && !func->nop))
			continue;
		klp_redirect_unlink(func);
		trace_klp_func_unpatch(obj, func);
	}

	if (obj->dynamic || !nops_only)
		WRITE_ONCE(obj->patched, false);
}

int klp_pre_patch_callback(struct klp_object *obj)
{
	int err = obj->callbacks.pre_patch ? obj->callbacks.pre_patch(obj) : 0;

	/* The object's other callbacks may only undo what this one has done. */
	obj->callbacks.post_unpatch_enabled = !err;
	return err;
}

void klp_post_patch_callback(struct klp_object *obj)
{
	if (obj->callbacks.post_patch)
		obj->callbacks.post_patch(obj);
}

void klp_pre_unpatch_callback(struct klp_object *obj)
{
	if (obj->callbacks.pre_unpatch)
		obj->callbacks.pre_unpatch(obj);
}

void klp_post_unpatch_callback(struct klp_object *obj)
{
	if (obj->callbacks.post_unpatch_enabled && obj->callbacks.post_unpatch &&
	    !klp_busted(no_post_unpatch))
		obj->callbacks.post_unpatch(obj);
	obj->callbacks.post_unpatch_enabled = false;
}
