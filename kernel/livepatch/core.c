// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of a patch: initialised, enabled, in transition, disabled, freed.
 *
 *	klp_enable_patch() --> transition --> enabled --> transition --> freed
 *	                           |  ^                       |   ^
 *	                           +--|--- reversed ----------+   |
 *	                              +---------------------------+
 *
 * A patch is in klp_patches from the moment its transition begins until the
 * moment that no task can run its code.  Only one patch is in transition at a
 * time.  Modules that come and go take part whatever state a patch is in.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <trace/events/livepatch.h>
#include "internal.h"

/* See internal.h. */
DEFINE_MUTEX(klp_mutex);

LIST_HEAD(klp_patches);

static void klp_transition_work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(klp_transition_work, klp_transition_work_fn);

/*
 * Of what has not been added only the name is to be released, unless it was allocated; and
 * nobody would wait until it is (CONFIG_DEBUG_KOBJECT_RELEASE): it has no parent.
 */
static void put_kobj(struct kobject *kobj, bool allocated)
{
	if (allocated || kobj->state_in_sysfs)
		kobject_put(kobj);
	else
		kfree_const(kobj->name);
}

/*
 * Give everything back.  The patch is in no list: nobody but the last readers of
 * its sysfs files can reach it.  They take klp_mutex, which must not be held here.
 */
static void free_patch(struct klp_patch *patch)
{
	struct module *mod = patch->mod;
	struct klp_object *obj, *next_obj;
	struct klp_func *func, *next_func;
	bool forced = patch->forced;

	klp_for_each_object_safe(patch, obj, next_obj) {
		klp_object_free_parts(obj);
		klp_for_each_func_safe(obj, func, next_func) {
			list_del(&func->node);
			put_kobj(&func->kobj, func->nop);
		}
		list_del(&obj->node);
		put_kobj(&obj->kobj, obj->dynamic);
	}
	kobject_put(&patch->kobj);
	wait_for_completion(&patch->finish);

	/* Nothing refers to it from here on: pairs with is_in_use(). */
	smp_store_release(&patch->list.next, NULL);

	/* Tasks that were forced to switch may run the module's code for ever. */
	if (!forced && !klp_busted(module_kept))
		module_put(mod);
}

static void free_patch_work_fn(struct work_struct *work)
{
	free_patch(container_of(work, struct klp_patch, free_work));
}

static void retire_patch(struct klp_patch *patch)
{
	struct klp_object *obj;

	/*
	 * The patch will not hear of modules that go any more, and its own may go:
	 * nothing in them may refer to each other.  Code that a forced task may be
	 * in is not put back, but for the branches of static keys.
	 */
	klp_for_each_object(patch, obj) {
		if (!klp_is_object_loaded(obj))
			continue;
		if (patch->forced) {
			klp_special_del(patch, obj, false);
			trace_klp_object_unload(patch, obj);
		} else {
			klp_object_unload(patch, obj);
		}
	}

	/* model: complete 2, free */
	list_del_init(&patch->list);
	schedule_work(&patch->free_work);
}

/* Between klp_enable_patch() and the end of free_patch(). */
static bool is_in_use(const struct klp_patch *patch)
{
	/* Pairs with free_patch(). */
	return smp_load_acquire(&patch->list.next);
}

static void init_lists(struct klp_patch *patch)
{
	struct klp_object *obj;
	struct klp_func *func;

	INIT_LIST_HEAD(&patch->list);
	INIT_LIST_HEAD(&patch->obj_list);
	INIT_WORK(&patch->free_work, free_patch_work_fn);
	init_completion(&patch->finish);
	klp_sysfs_init_patch(patch);
	patch->enabled = false;
	patch->forced = false;

	klp_for_each_object_static(patch, obj) {
		klp_sysfs_init_object(obj);
		INIT_LIST_HEAD(&obj->func_list);
		list_add_tail(&obj->node, &patch->obj_list);
		obj->mod = NULL;
		obj->special = NULL;
		obj->dynamic = false;
		obj->patched = false;
		obj->callbacks.post_unpatch_enabled = false;

		klp_for_each_func_static(obj, func) {
			klp_sysfs_init_func(func);
			list_add_tail(&func->node, &obj->func_list);
			func->old_func = NULL;
			func->old_size = 0;
			func->old_cold = NULL;
			func->new_size = 0;
			func->new_cold = NULL;
			func->nop = false;
			func->unlisted = false;
			func->patched = false;
			func->transition = false;
		}
	}
}

static int init_object(struct klp_patch *patch, struct klp_object *obj)
{
	struct klp_func *func;
	int err;

	err = klp_sysfs_add_object(patch, obj);
	if (err)
		return err;

	klp_for_each_func(obj, func) {
		if (func->unlisted)
			continue;
		err = klp_sysfs_add_func(obj, func);
		if (err)
			return err;
	}

	klp_object_find_module(obj);
	if (!klp_is_object_loaded(obj))
		return 0;

	err = klp_object_load(patch, obj);
	if (err)
		obj->mod = NULL;
	return err;
}

static int init_patch(struct klp_patch *patch)
{
	struct klp_object *obj;
	int err;

	if (patch->replace && !klp_busted(no_nops)) {
		err = klp_replace_add_nops(patch);
		if (err)
			return err;
	}

	err = klp_sysfs_add_patch(patch);
	if (err)
		return err;

	klp_for_each_object(patch, obj) {
		err = init_object(patch, obj);
		if (err)
			return err;
	}
	return 0;
}

/* Undo what binding a patch to its targets did; for a patch that is not patched. */
static void unload_objects(struct klp_patch *patch)
{
	struct klp_object *obj;

	klp_for_each_object(patch, obj)
		if (klp_is_object_loaded(obj))
			klp_object_unload(patch, obj);
}

static void run_callbacks(struct klp_patch *patch, void (*callback)(struct klp_object *obj))
{
	struct klp_object *obj;

	klp_for_each_object(patch, obj)
		if (klp_is_object_loaded(obj))
			callback(obj);
}

/* Every task has switched: leave the old version behind. */
static void complete_transition(void)
{
	struct klp_patch *patch = klp_transition_patch;
	bool patching = klp_target_state == KLP_TRANSITION_PATCHED;
	/*
	 * If disabling it was turned back, it is the oldest: there is nothing that it
	 * could replace, and what was enabled after it stays.
	 */
	bool replaces = patching && patch->replace &&
			!list_is_first(&patch->list, &klp_patches);
	struct klp_object *obj;

	pr_debug("'%s': completing %s transition\n", patch->mod->name,
		 patching ? "patching" : "unpatching");

	klp_stall_end();

	/* model: complete 1, unpatch */
	if (!patching) {
		klp_for_each_object(patch, obj)
			klp_object_unpatch(obj, false);
		klp_redirect_shrink();
	} else if (replaces) {
		klp_replace_unpatch(patch);
	}

	klp_transition_settle();
	run_callbacks(patch, patching ? klp_post_patch_callback : klp_post_unpatch_callback);
	klp_transition_end();
}

/* Let go of the patches that the completed transition of @patch made superfluous. */
static void retire_patches(struct klp_patch *patch)
{
	struct klp_patch *old, *next;

	if (!patch->enabled) {
		retire_patch(patch);
	} else if (patch->replace) {
		klp_for_each_patch_safe(old, next) {
			if (old == patch)
				break;
			retire_patch(old);
		}
		klp_replace_free_nops(patch);
	}
}

/*
 * A kworker that looks at all stacks is in process_one_work() itself.  If that is in
 * the way another one has to look at it: each belongs to one pool, and these two
 * queues have none in common.
 */
static void try_again_later(unsigned long delay)
{
	static bool other_pool;

	lockdep_assert_held(&klp_mutex);

	other_pool = !other_pool &&
		     klp_transition_waits_for(current, klp_target_state, NULL);
	mod_delayed_work(other_pool ? system_long_wq : system_unbound_wq,
			 &klp_transition_work, delay);
}

/* Switch who can be switched; complete the transition or come back later. */
static void advance_transition(void)
{
	struct klp_patch *patch = klp_transition_patch;
	unsigned long delay;

	if (!klp_transition_try(&delay)) {
		klp_stall_report();
		try_again_later(delay);
		return;
	}
	complete_transition();
	retire_patches(patch);
}

static void klp_transition_work_fn(struct work_struct *work)
{
	mutex_lock(&klp_mutex);
	if (klp_transition_patch)
		advance_transition();
	mutex_unlock(&klp_mutex);
}

static int run_pre_patch_callbacks(struct klp_patch *patch)
{
	struct klp_object *obj;
	int err;

	klp_for_each_object(patch, obj) {
		if (!klp_is_object_loaded(obj))
			continue;
		err = klp_pre_patch_callback(obj);
		if (err) {
			pr_warn("pre-patch callback failed for object '%s'\n",
				klp_object_name(obj));
			return err;
		}
	}
	return 0;
}

static int begin_patching(struct klp_patch *patch)
{
	int err;

	pr_notice("enabling patch '%s'\n", patch->mod->name);

	klp_transition_init(patch, KLP_TRANSITION_PATCHED);

	err = run_pre_patch_callbacks(patch) ?:
	      klp_objects_patch(patch, NULL) ?:
	      klp_transition_index();
	if (err) {
		pr_warn("failed to enable patch '%s'\n", patch->mod->name);
		klp_transition_cancel();
		complete_transition();
		return err;
	}

	WRITE_ONCE(patch->enabled, true);
	klp_transition_start();
	klp_stall_begin();
	advance_transition();
	return 0;
}

static int check_patch(const struct klp_patch *patch)
{
	const struct klp_object *obj, *other;
	int err;

	if (!patch->objs) {
		pr_err("'%s': the patch has no objects\n", patch->mod->name);
		return -EINVAL;
	}
	if (!is_livepatch_module(patch->mod)) {
		pr_err("module %s is not marked as a livepatch module\n", patch->mod->name);
		return -EINVAL;
	}
	/* Parameters are set before there is a copy of the module's ELF. */
	if (!patch->mod->klp_info) {
		pr_err("'%s': enabled before the module's init function\n", patch->mod->name);
		return -EINVAL;
	}

	klp_for_each_object_static(patch, obj) {
		err = klp_object_check(patch, obj);
		if (err)
			return err;
		for (other = patch->objs; other != obj; other++) {
			if (strcmp(klp_object_name(obj), klp_object_name(other)))
				continue;
			pr_err("'%s': object '%s' appears twice\n",
			       patch->mod->name, klp_object_name(obj));
			return -EINVAL;
		}
	}
	return klp_relocs_check_objects(patch);
}

/* A module has one directory in sysfs, so it can have one patch. */
static bool module_has_patch(const struct module *mod)
{
	struct klp_patch *patch;

	klp_for_each_patch(patch)
		if (patch->mod == mod)
			return true;
	return false;
}

/* On success the patch is in use, with a reference to its module. */
static int claim_patch(struct klp_patch *patch)
{
	lockdep_assert_held(&klp_mutex);

	if (is_in_use(patch) || module_has_patch(patch->mod)) {
		pr_err("'%s': the patch has been enabled before\n", patch->mod->name);
		return -EINVAL;
	}
	if (klp_sysfs_has_patch(patch)) {
		pr_err("'%s': the module's last patch is still being removed\n",
		       patch->mod->name);
		return -EBUSY;
	}
	if (klp_transition_patch) {
		pr_err("'%s': the transition of '%s' is not complete\n",
		       patch->mod->name, klp_transition_patch->mod->name);
		return -EBUSY;
	}
	if (!klp_states_compatible(patch)) {
		pr_err("Livepatch patch (%s) is not compatible with the already installed livepatches.\n",
		       patch->mod->name);
		return -EINVAL;
	}

	/* Given back by free_patch(). */
	if (!try_module_get(patch->mod))
		return -ENODEV;

	init_lists(patch);
	return 0;
}

static int enable_patch(struct klp_patch *patch)
{
	int err;

	err = init_patch(patch);
	if (err)
		goto err_unload;

	list_add_tail(&patch->list, &klp_patches);
	err = begin_patching(patch);
	if (err)
		goto err_list;
	return 0;

err_list:
	list_del_init(&patch->list);
err_unload:
	unload_objects(patch);
	return err;
}

/**
 * klp_enable_patch() - enable a livepatch
 * @patch:	what to patch; lives as long as its module
 *
 * Called by a livepatch module from its init function.  On return the new code
 * is being put to use, but tasks may be left that still run the old code.  The
 * module cannot be removed until the patch has been disabled or replaced.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL if the description is wrong, a function cannot be found or
 * traced, or a state is incompatible; -ENOEXEC if a relocation or a special section of
 * a loaded object does not fit what it changes; -EBUSY while another patch is in transition
 * or the module's last one is being removed, if ftrace is disabled by its sysctl, another
 * user of ftrace modifies one of the functions, or a BPF trampoline of one keeps being
 * changed; -ENODEV if live patching is not available, or ftrace not any more; what a
 * pre_patch callback returned; -ENOMEM.  After an error everything is as it was.
 */
int klp_enable_patch(struct klp_patch *patch)
{
	int err;

	if (!patch || !patch->mod) {
		pr_err("%pS wants to enable a patch without %s\n", (void *)_RET_IP_,
		       patch ? "a module" : "a description");
		return -EINVAL;
	}
	err = check_patch(patch);
	if (err)
		return err;

	if (!klp_sysfs_ready()) {
		pr_err("'%s': live patching is not available\n", patch->mod->name);
		return -ENODEV;
	}
	if (!klp_have_reliable_stack()) {
		pr_warn("This architecture doesn't have support for the livepatch consistency model.\n");
		pr_warn("The livepatch transition may never complete.\n");
	}

	mutex_lock(&klp_mutex);
	err = claim_patch(patch);
	if (err) {
		mutex_unlock(&klp_mutex);
		return err;
	}
	err = enable_patch(patch);
	mutex_unlock(&klp_mutex);

	if (err)
		free_patch(patch);
	return err;
}
EXPORT_SYMBOL_GPL(klp_enable_patch);

static int disable_patch(struct klp_patch *patch)
{
	struct klp_object *obj;
	int err;

	if (klp_transition_patch)
		return -EBUSY;

	klp_transition_init(patch, KLP_TRANSITION_UNPATCHED);

	err = klp_transition_index();
	if (err) {
		klp_transition_cancel();
		klp_transition_settle();
		klp_transition_end();
		return err;
	}

	klp_for_each_object(patch, obj)
		if (obj->patched)
			klp_pre_unpatch_callback(obj);

	WRITE_ONCE(patch->enabled, false);
	klp_transition_start();
	klp_stall_begin();
	advance_transition();
	return 0;
}

static int reverse_patch(struct klp_patch *patch)
{
	int err;

	err = klp_transition_reverse();
	if (err)
		return err;

	WRITE_ONCE(patch->enabled, !patch->enabled);
	klp_stall_begin();
	advance_transition();
	return 0;
}

int klp_patch_set_enabled(struct klp_patch *patch, bool enable)
{
	guard(mutex)(&klp_mutex);

	if (patch->enabled == enable)
		return -EINVAL;
	if (patch == klp_transition_patch)
		return reverse_patch(patch);
	return enable ? -EINVAL : disable_patch(patch);
}

/* Has @patch a function that the transition takes everybody out of, by one on top of it? */
static bool is_being_covered(const struct klp_patch *patch)
{
	const struct klp_func *func, *above;
	const struct klp_object *obj;

	klp_for_each_object(patch, obj) {
		klp_for_each_func(obj, func) {
			above = func->patched ? klp_redirect_above(func) : NULL;
			if (above && above->transition)
				return true;
		}
	}
	return false;
}

int klp_patch_force(struct klp_patch *patch)
{
	struct klp_patch *other;

	guard(mutex)(&klp_mutex);

	if (patch != klp_transition_patch)
		return -EINVAL;

	klp_transition_force();

	/*
	 * Code that a forced task may still be in must stay, also what is only covered.
	 * Nobody is looked for there any more when it is replaced: forced tasks need not
	 * ever leave it.
	 */
	if (klp_target_state == KLP_TRANSITION_UNPATCHED) {
		patch->forced = true;
	} else {
		klp_for_each_patch(other) {
			if (other == patch)
				break;
			if (patch->replace || is_being_covered(other))
				other->forced = true;
		}
	}

	/* At once: turned round before, the transition would leave them marked for nothing. */
	advance_transition();
	return 0;
}

static struct klp_object *find_object(struct klp_patch *patch, const struct module *mod)
{
	struct klp_object *obj;

	klp_for_each_object(patch, obj)
		if (klp_is_module(obj) && !strcmp(obj->name, mod->name))
			return obj;
	return NULL;
}

/*
 * During a transition, look for the code of objects that come and go too, whichever
 * patch they are of: it may be one that is being replaced.
 */
static int update_index(void)
{
	return klp_transition_patch ? klp_transition_index() : 0;
}

static void object_going(struct klp_patch *patch, struct klp_object *obj)
{
	if (obj->patched && !klp_busted(going_stays_patched)) {
		/* During a transition post_patch has not run, or pre_unpatch already has. */
		if (patch != klp_transition_patch)
			klp_pre_unpatch_callback(obj);

		pr_notice("reverting patch '%s' on unloading module '%s'\n",
			  patch->mod->name, obj->name);
		/* model: going 1, unpatch */
		klp_object_unpatch(obj, false);
		klp_redirect_shrink();
		klp_post_unpatch_callback(obj);

		/* Without memory for a new index, the old one only makes some tasks wait longer. */
		update_index();
	}
	klp_object_unload(patch, obj);
}

static int object_coming(struct klp_patch *patch, struct klp_object *obj, struct module *mod)
{
	int err;

	obj->mod = mod;
	err = klp_object_load(patch, obj);
	if (err) {
		pr_warn("failed to initialize patch '%s' for module '%s' (%d)\n",
			patch->mod->name, mod->name, err);
		obj->mod = NULL;
		return err;
	}

	pr_notice("applying patch '%s' to loading module '%s'\n", patch->mod->name, mod->name);

	err = klp_pre_patch_callback(obj);
	if (err) {
		pr_warn("pre-patch callback failed for object '%s'\n", obj->name);
		goto err_unload;
	}

	/* model: coming 1, patch */
	err = klp_objects_patch(patch, obj);
	if (err) {
		pr_warn("failed to apply patch '%s' to module '%s' (%d)\n",
			patch->mod->name, mod->name, err);
		goto err_callback;
	}

	err = update_index();
	if (err) {
		pr_warn("failed to apply patch '%s' to module '%s' (%d)\n",
			patch->mod->name, mod->name, err);
		goto err_unpatch;
	}

	if (patch != klp_transition_patch)
		klp_post_patch_callback(obj);
	return 0;

err_unpatch:
	klp_object_unpatch(obj, false);
	klp_redirect_shrink();
err_callback:
	klp_post_unpatch_callback(obj);
err_unload:
	klp_object_unload(patch, obj);
	return err;
}

/* Take @mod out of all patches up to @end, newest first. */
static bool module_going(struct module *mod, struct list_head *end)
{
	struct klp_object *obj;
	struct klp_patch *patch;
	bool found = false;

	for (patch = list_entry(end->prev, struct klp_patch, list);
	     &patch->list != &klp_patches;
	     patch = list_prev_entry(patch, list)) {
		obj = find_object(patch, mod);
		if (!obj || !obj->mod)
			continue;
		object_going(patch, obj);
		found = true;
	}
	return found;
}

/**
 * klp_module_coming() - patch a module that is being loaded
 * @mod:	the module, relocated, traceable, its init function not yet called
 *
 * Context: Called by the module loader without locks.  May sleep.
 * Return: 0, or an error that refuses the module: that of a pre_patch callback, or
 * one of klp_enable_patch().
 */
int klp_module_coming(struct module *mod)
{
	struct klp_object *obj;
	struct klp_patch *patch;
	int err = 0;

	if (WARN_ON_ONCE(mod->state != MODULE_STATE_COMING))
		return -EINVAL;

	/* It is what objects without a name are called. */
	if (!strcmp(mod->name, "vmlinux")) {
		pr_err("vmlinux.ko: invalid module name\n");
		return -EINVAL;
	}

	mutex_lock(&klp_mutex);
	/* From here on patches that are being enabled find the module. */
	mod->klp_alive = true;

	klp_for_each_patch(patch) {
		obj = find_object(patch, mod);
		if (!obj)
			continue;
		err = object_coming(patch, obj, mod);
		if (err)
			break;
	}

	if (err) {
		pr_warn("patch '%s' failed for module '%s', refusing to load module '%s'\n",
			patch->mod->name, mod->name, mod->name);
		mod->klp_alive = false;
		module_going(mod, &patch->list);
		klp_redirect_sync();
	}
	mutex_unlock(&klp_mutex);
	return err;
}

/**
 * klp_module_going() - take a module that is being removed out of all patches
 * @mod:	the module, its exit function has been called or it failed to load
 *
 * Context: Called by the module loader without locks.  May sleep.
 */
void klp_module_going(struct module *mod)
{
	if (WARN_ON_ONCE(mod->state != MODULE_STATE_GOING && mod->state != MODULE_STATE_COMING))
		return;

	mutex_lock(&klp_mutex);
	mod->klp_alive = false;
	/* The functions may be redirected anew as soon as the module is back. */
	/* model: going 2, sync */
	if (module_going(mod, &klp_patches))
		klp_redirect_sync();
	mutex_unlock(&klp_mutex);
}

/**
 * klp_module_stays() - is a module needed although its init function has failed?
 * @mod:	the module, which the loader is about to free without regard to references
 *
 * Context: Called by the module loader without locks.  May sleep.
 * Return: true if it has a patch that is enabled, or is in transition.
 */
bool klp_module_stays(const struct module *mod)
{
	guard(mutex)(&klp_mutex);

	return module_has_patch(mod);
}
