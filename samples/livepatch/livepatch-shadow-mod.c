// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-shadow-mod.c - a module with a memory leak
 *
 * A session is opened every second and closed five seconds later.  Opening one
 * writes a journal, into memory that nobody ever frees: session_close() cannot,
 * because struct session has no member that remembers it.
 *
 * The obvious fix, a new member, is not possible while sessions exist: they
 * were allocated without it.  livepatch-shadow-fix1 and -fix2 show what is.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#define SESSION_LIFE	(5 * HZ)
#define JOURNAL_SIZE	128

struct session {
	struct list_head node;
	unsigned long number;
	unsigned long expires;
};

/* Only the work item uses the list, one run at a time: it needs no lock. */
static LIST_HEAD(sessions);
static unsigned long last_number;

/*
 * The three functions below are to be patched.  In so small a module the compiler
 * would inline them, or specialise them for their only caller and change their
 * names and arguments; the attributes keep this example apart from that matter.
 */
static noinline __noclone
void session_note(struct session *session, char *journal, const char *event)
{
	scnprintf(journal, JOURNAL_SIZE, "session %lu: %s", session->number, event);
}

static noinline __noclone struct session *session_open(unsigned long number)
{
	struct session *session;
	char *journal;

	session = kzalloc(sizeof(*session), GFP_KERNEL);
	journal = kzalloc(JOURNAL_SIZE, GFP_KERNEL);
	if (!session || !journal) {
		kfree(session);
		kfree(journal);
		return NULL;
	}

	session->number = number;
	session->expires = jiffies + SESSION_LIFE;
	session_note(session, journal, "opened");

	/* Here is the bug: the last pointer to the journal goes out of scope. */
	return session;
}

static noinline __noclone void session_close(struct session *session)
{
	pr_debug("session %lu closed\n", session->number);
	kfree(session);
}

static void turn_over(struct work_struct *work);
static DECLARE_DELAYED_WORK(turn_over_work, turn_over);

static void turn_over(struct work_struct *work)
{
	struct session *session, *tmp;

	list_for_each_entry_safe(session, tmp, &sessions, node) {
		if (time_before(jiffies, session->expires))
			continue;
		list_del(&session->node);
		session_close(session);
	}

	session = session_open(++last_number);
	if (session)
		list_add_tail(&session->node, &sessions);

	schedule_delayed_work(&turn_over_work, HZ);
}

static int __init livepatch_shadow_mod_init(void)
{
	schedule_delayed_work(&turn_over_work, 0);
	return 0;
}

static void __exit livepatch_shadow_mod_exit(void)
{
	struct session *session, *tmp;

	cancel_delayed_work_sync(&turn_over_work);
	list_for_each_entry_safe(session, tmp, &sessions, node) {
		list_del(&session->node);
		session_close(session);
	}
}

module_init(livepatch_shadow_mod_init);
module_exit(livepatch_shadow_mod_exit);
MODULE_DESCRIPTION("Livepatch sample: a module that leaks memory");
MODULE_LICENSE("GPL");
