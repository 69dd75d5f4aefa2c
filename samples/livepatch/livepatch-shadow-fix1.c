// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-shadow-fix1.c - mend the leak of livepatch-shadow-mod
 *
 * struct session has no room for a pointer to its journal.  A shadow variable is
 * such a room beside the structure: it is found by the address of the session
 * and a number.  The new session_open() puts the pointer there, the new
 * session_close() takes it from there and frees the journal.
 *
 * Watch it, some seconds after loading both modules:
 *
 *	# cat /sys/module/livepatch_shadow_fix1/parameters/journals_freed
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/slab.h>

/*
 * The number of the shadow variable.  All livepatches of a system share these
 * numbers: one means the same in all of them, and is never used again for
 * something else.
 */
#define SHADOW_JOURNAL	1

/* Copied from the module; a livepatch of the kernel would include its headers. */
#define SESSION_LIFE	(5 * HZ)
#define JOURNAL_SIZE	128

struct session {
	struct list_head node;
	unsigned long number;
	unsigned long expires;
};

static unsigned long journals_freed;
module_param(journals_freed, ulong, 0444);
MODULE_PARM_DESC(journals_freed, "journals that would have been lost");

/* Called with the session, the new variable, and what klp_shadow_alloc() was given. */
static int journal_ctor(void *obj, void *shadow_data, void *ctor_data)
{
	*(char **)shadow_data = ctor_data;
	return 0;
}

static void journal_dtor(void *obj, void *shadow_data)
{
	kfree(*(char **)shadow_data);
	journals_freed++;
}

static struct session *fix1_session_open(unsigned long number)
{
	struct session *session;
	char *journal;

	session = kzalloc(sizeof(*session), GFP_KERNEL);
	journal = kzalloc(JOURNAL_SIZE, GFP_KERNEL);
	if (!session || !journal)
		goto err;

	session->number = number;
	session->expires = jiffies + SESSION_LIFE;
	scnprintf(journal, JOURNAL_SIZE, "session %lu: opened", number);

	/* During a transition the old session_close() may have freed one that was here. */
	klp_shadow_free(session, SHADOW_JOURNAL, journal_dtor);

	/*
	 * The variable holds the pointer; the journal stays where it is.  The
	 * flags are those that the surrounding code may use.
	 */
	if (!klp_shadow_alloc(session, SHADOW_JOURNAL, sizeof(char *), GFP_KERNEL,
			      journal_ctor, journal))
		goto err;

	return session;

err:
	kfree(session);
	kfree(journal);
	return NULL;
}

/*
 * Sessions that were opened by the old code have no journal to free, which
 * klp_shadow_free() takes for what it is: nothing to do.
 */
static void fix1_session_close(struct session *session)
{
	klp_shadow_free(session, SHADOW_JOURNAL, journal_dtor);
	kfree(session);
}

/*
 * When the livepatch is disabled the old session_close() frees sessions and
 * leaves their variables behind.  A new session at the same address would
 * inherit them, so the last one to leave removes them all.
 *
 * It also runs, as all callbacks, when the module goes: its exit function has
 * closed all sessions by then, through the functions above.
 */
static void post_unpatch(struct klp_object *obj)
{
	klp_shadow_free_all(SHADOW_JOURNAL, journal_dtor);
}

static struct klp_func funcs[] = {
	{
		.old_name = "session_open",
		.new_func = fix1_session_open,
	},
	{
		.old_name = "session_close",
		.new_func = fix1_session_close,
	},
	{ }
};

static struct klp_object objs[] = {
	{
		.name = "livepatch_shadow_mod",
		.funcs = funcs,
		.callbacks = {
			.post_unpatch = post_unpatch,
		},
	},
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init livepatch_shadow_fix1_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_shadow_fix1_exit(void)
{
}

module_init(livepatch_shadow_fix1_init);
module_exit(livepatch_shadow_fix1_exit);
MODULE_DESCRIPTION("Livepatch sample: keep a lost pointer in a shadow variable");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
