// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-shadow-fix2.c - take over the shadow variables of another livepatch
 *
 * Replaces livepatch-shadow-fix1 while sessions that it opened are alive, goes
 * on using their journals, and adds a variable of its own: how often
 * session_note() was called for a session.
 *
 *	# insmod livepatch-shadow-mod.ko
 *	# insmod livepatch-shadow-fix1.ko
 *	# insmod livepatch-shadow-fix2.ko
 *	# rmmod livepatch_shadow_fix1
 *	# cat /sys/module/livepatch_shadow_fix2/parameters/journals_freed
 *	# cat /sys/module/livepatch_shadow_fix2/parameters/notes
 *
 * It works on its own just as well; the sessions then have no journal yet.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/slab.h>

/* The first means what it means in livepatch-shadow-fix1. */
#define SHADOW_JOURNAL	1
#define SHADOW_NOTES	2

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

static unsigned long notes;
module_param(notes, ulong, 0444);
MODULE_PARM_DESC(notes, "notes written for sessions that are closed by now");

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

static void notes_dtor(void *obj, void *shadow_data)
{
	notes += *(unsigned int *)shadow_data;
}

/*
 * A session may be older than this livepatch, so the variable is made when it is
 * first needed.  Without a constructor it starts as zero.  If there is no
 * memory for it one count is lost, which is no reason to fail.
 */
static void count_note(struct session *session)
{
	unsigned int *count;

	count = klp_shadow_get_or_alloc(session, SHADOW_NOTES, sizeof(*count), GFP_KERNEL,
					NULL, NULL);
	if (count)
		(*count)++;
}

static void fix2_session_note(struct session *session, char *journal, const char *event)
{
	count_note(session);
	scnprintf(journal, JOURNAL_SIZE, "session %lu: %s", session->number, event);
}

static struct session *fix2_session_open(unsigned long number)
{
	struct session *session;
	char *journal;

	session = kzalloc(sizeof(*session), GFP_KERNEL);
	journal = kzalloc(JOURNAL_SIZE, GFP_KERNEL);
	if (!session || !journal)
		goto err;

	session->number = number;
	session->expires = jiffies + SESSION_LIFE;

	/*
	 * During a transition a session that was here may have been freed by code that knows
	 * nothing of one variable, or of both.
	 */
	klp_shadow_free(session, SHADOW_NOTES, notes_dtor);
	klp_shadow_free(session, SHADOW_JOURNAL, journal_dtor);

	if (!klp_shadow_alloc(session, SHADOW_JOURNAL, sizeof(char *), GFP_KERNEL,
			      journal_ctor, journal))
		goto err;

	fix2_session_note(session, journal, "opened");
	return session;

err:
	kfree(session);
	kfree(journal);
	return NULL;
}

static void fix2_session_close(struct session *session)
{
	char **journal = klp_shadow_get(session, SHADOW_JOURNAL);

	if (journal)
		fix2_session_note(session, *journal, "closed");

	klp_shadow_free(session, SHADOW_NOTES, notes_dtor);
	klp_shadow_free(session, SHADOW_JOURNAL, journal_dtor);
	kfree(session);
}

/*
 * Replacing does not call this in livepatch-shadow-fix1: only the callbacks of
 * the new livepatch run then, and the variables stay.
 */
static void post_unpatch(struct klp_object *obj)
{
	klp_shadow_free_all(SHADOW_NOTES, notes_dtor);
	klp_shadow_free_all(SHADOW_JOURNAL, journal_dtor);
}

static struct klp_func funcs[] = {
	{
		.old_name = "session_note",
		.new_func = fix2_session_note,
	},
	{
		.old_name = "session_open",
		.new_func = fix2_session_open,
	},
	{
		.old_name = "session_close",
		.new_func = fix2_session_close,
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
	.replace = true,
};

static int __init livepatch_shadow_fix2_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit livepatch_shadow_fix2_exit(void)
{
}

module_init(livepatch_shadow_fix2_init);
module_exit(livepatch_shadow_fix2_exit);
MODULE_DESCRIPTION("Livepatch sample: take over and extend shadow variables");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
