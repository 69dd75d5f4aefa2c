// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shadow variables: new fields of existing data structures.
 *
 * A livepatch cannot change a structure that is in use.  A shadow variable is
 * kept beside it, found by the address of the structure and a number that the
 * livepatch chooses.  It outlives the livepatch that made it, so that the next
 * one can take it over, and must be freed explicitly.
 *
 * Lookups run under RCU; the hash table is changed under shadow_lock.
 * Documentation/livepatch/shadow-vars.rst
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/livepatch.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

/* Shadow variables by the address of their object. */
static DEFINE_HASHTABLE(shadow_hash, 12);

/*
 * Protects shadow_hash against changes; interrupts off.  Constructors and destructors run
 * under it: locks that they take nest inside, and nobody holds one who calls klp_shadow_*().
 */
static DEFINE_SPINLOCK(shadow_lock);

/**
 * struct klp_shadow - one shadow variable
 */
struct klp_shadow {
	/** @node: Entry in shadow_hash. */
	struct hlist_node node;
	/** @rcu: Frees the variable after its last reader. */
	struct rcu_head rcu;
	/** @obj: The structure that it extends, and the key of the hash. */
	void *obj;
	/** @id: Which extension of @obj it is. */
	unsigned long id;
	/** @data: What the user sees. */
	char data[] __aligned(__alignof__(unsigned long long));
};

static struct klp_shadow *find_shadow(void *obj, unsigned long id)
{
	struct klp_shadow *shadow;

	hash_for_each_possible_rcu(shadow_hash, shadow, node, (unsigned long)obj,
				   lockdep_is_held(&shadow_lock))
		if (shadow->obj == obj && shadow->id == id)
			return shadow;
	return NULL;
}

/**
 * klp_shadow_get() - find a shadow variable
 * @obj:	the object it belongs to
 * @id:		which one
 *
 * Context: Any.  The caller sees to it that the variable is not freed meanwhile.
 * Return: its data, or NULL if there is none.
 */
void *klp_shadow_get(void *obj, unsigned long id)
{
	struct klp_shadow *shadow;

	rcu_read_lock();
	shadow = find_shadow(obj, id);
	rcu_read_unlock();

	return shadow ? shadow->data : NULL;
}
EXPORT_SYMBOL_GPL(klp_shadow_get);

static void *alloc_shadow(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
			  klp_shadow_ctor_t ctor, void *ctor_data, bool want_old)
{
	struct klp_shadow *new, *old;
	unsigned long flags;
	int err = 0;

	/* Mostly the answer is known before anything is allocated. */
	rcu_read_lock();
	old = find_shadow(obj, id);
	rcu_read_unlock();
	if (old)
		goto exists;

	new = kzalloc(size_add(sizeof(*new), size), gfp_flags);
	if (!new)
		return NULL;
	new->obj = obj;
	new->id = id;

	spin_lock_irqsave(&shadow_lock, flags);
	old = find_shadow(obj, id);
	/* Under the lock, so that nobody finds data that is half made. */
	if (!old && ctor)
		err = ctor(obj, new->data, ctor_data);
	if (!old && !err)
		hash_add_rcu(shadow_hash, &new->node, (unsigned long)obj);
	spin_unlock_irqrestore(&shadow_lock, flags);

	if (!old && !err)
		return new->data;

	kfree(new);
	if (err) {
		pr_err_ratelimited("constructor of shadow variable <%p, %lx> failed (%d)\n",
				   obj, id, err);
		return NULL;
	}
exists:
	if (want_old)
		return old->data;
	pr_err_ratelimited("shadow variable <%p, %lx> exists already\n", obj, id);
	return NULL;
}

/**
 * klp_shadow_alloc() - add a shadow variable that does not exist yet
 * @obj:	the object it belongs to
 * @id:		which one
 * @size:	size of its data in bytes
 * @gfp_flags:	how to allocate it
 * @ctor:	fills in the data, or NULL; called with a spinlock held and
 *		interrupts off
 * @ctor_data:	passed to @ctor
 *
 * Without a constructor the data is zero.  The variable is visible when the
 * constructor has returned 0.
 *
 * Context: As @gfp_flags says.
 * Return: the data; NULL, with a line in the log, if the constructor fails or there
 * is such a variable; NULL if there is no memory.
 */
void *klp_shadow_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
		       klp_shadow_ctor_t ctor, void *ctor_data)
{
	return alloc_shadow(obj, id, size, gfp_flags, ctor, ctor_data, false);
}
EXPORT_SYMBOL_GPL(klp_shadow_alloc);

/**
 * klp_shadow_get_or_alloc() - find a shadow variable, or add it
 * @obj:	the object it belongs to
 * @id:		which one
 * @size:	size of its data in bytes, if it is added
 * @gfp_flags:	how to allocate it
 * @ctor:	see klp_shadow_alloc(); runs only if the variable is added
 * @ctor_data:	passed to @ctor
 *
 * Of several callers at the same time one adds the variable and all get it.
 *
 * Context: As @gfp_flags says.
 * Return: the data; NULL if there is no memory or the constructor fails.
 */
void *klp_shadow_get_or_alloc(void *obj, unsigned long id, size_t size, gfp_t gfp_flags,
			      klp_shadow_ctor_t ctor, void *ctor_data)
{
	return alloc_shadow(obj, id, size, gfp_flags, ctor, ctor_data, true);
}
EXPORT_SYMBOL_GPL(klp_shadow_get_or_alloc);

static void free_shadow(struct klp_shadow *shadow, klp_shadow_dtor_t dtor)
{
	hash_del_rcu(&shadow->node);
	if (dtor)
		dtor(shadow->obj, shadow->data);
	kfree_rcu(shadow, rcu);
}

/**
 * klp_shadow_free() - free a shadow variable if there is one
 * @obj:	the object it belongs to
 * @id:		which one
 * @dtor:	releases what the data refers to, or NULL; called with a spinlock
 *		held and interrupts off
 *
 * Context: Any but NMI; with PREEMPT_RT, where it may sleep.  Nobody uses the data any more.
 */
void klp_shadow_free(void *obj, unsigned long id, klp_shadow_dtor_t dtor)
{
	struct klp_shadow *shadow;
	unsigned long flags;

	spin_lock_irqsave(&shadow_lock, flags);
	shadow = find_shadow(obj, id);
	if (shadow)
		free_shadow(shadow, dtor);
	spin_unlock_irqrestore(&shadow_lock, flags);
}
EXPORT_SYMBOL_GPL(klp_shadow_free);

/**
 * klp_shadow_free_all() - free the shadow variables of all objects
 * @id:		which ones
 * @dtor:	see klp_shadow_free()
 *
 * Context: Any but NMI; with PREEMPT_RT, where it may sleep.  Nobody uses the data any more.
 */
void klp_shadow_free_all(unsigned long id, klp_shadow_dtor_t dtor)
{
	struct klp_shadow *shadow;
	struct hlist_node *next;
	unsigned long flags;
	unsigned int bucket;

	/* There may be very many: interrupts are off for one bucket at a time. */
	for (bucket = 0; bucket < HASH_SIZE(shadow_hash); bucket++) {
		spin_lock_irqsave(&shadow_lock, flags);
		hlist_for_each_entry_safe(shadow, next, &shadow_hash[bucket], node)
			if (shadow->id == id)
				free_shadow(shadow, dtor);
		spin_unlock_irqrestore(&shadow_lock, flags);
	}
}
EXPORT_SYMBOL_GPL(klp_shadow_free_all);
