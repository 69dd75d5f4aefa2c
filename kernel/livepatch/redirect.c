// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a traced address to the newest function: the redirect table, the ftrace
 * handler that reads it, and the one ftrace_ops through which every redirected
 * function of every patch is hooked.
 *
 * One ops serves all, because the handler finds the function by its address.
 * A batch of functions then costs one update of ftrace, whatever its size; there
 * is one trampoline in all on x86_64; and on architectures without trampolines
 * of their own for each ops, ftrace calls the handler without walking a list.
 * The ops is static data, so that ftrace does not wait for a grace period when
 * it is unregistered: the callers here wait once for everything they change.
 *
 * The handler is for transitions, and for functions that others trace.  Where all
 * calls of a function go to the same place, and the architecture can do that, the
 * call of ftrace is replaced by a jump: klp_redirect_refresh().
 *
 * Readers are the handlers.  They run with preemption disabled in any context,
 * also where RCU is not watching, so synchronize_rcu() is no cure:
 * klp_redirect_sync() makes every CPU pass through the scheduler.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/ftrace_jump.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include "internal.h"

/* Addresses that are given back at a time when there is no memory for all. */
#define FEW_IPS 64

/*
 * A BPF trampoline that is being changed turns ftrace away with -EAGAIN for as
 * long as that takes, each time after a pause of its own.
 */
#define BUSY_TRAMPOLINE_TRIES 100

/*
 * ftrace needs some memory to unhook.  Its allocations are small and rarely fail,
 * but a module that goes takes its records along: then it is too late for good.
 */
#define UNHOOK_TRIES 1000

/* The current table, or NULL; written under klp_mutex. */
static struct klp_redirect_table __rcu *klp_table;

/* What handlers may still look at, until klp_redirect_sync(); klp_mutex. */
static struct klp_redirect *retired_redirects;
static struct klp_redirect_table *retired_table;

/* A place whose redirect has left: probing goes on past it. */
#define SLOT_LEFT	((struct klp_redirect *)-1L)

/* Part of the handler: inline there, and not traced where it is not. */
__always_inline struct klp_redirect *
klp_table_find(const struct klp_redirect_table *table, unsigned long ip)
{
	unsigned int mask = (1U << table->bits) - 1;
	unsigned int i = hash_long(ip, table->bits);
	struct klp_redirect *redirect;

	/* At least half of the places were never used, so this ends. */
	while ((redirect = READ_ONCE(table->slots[i]))) {
		if (redirect != SLOT_LEFT && redirect->ip == ip)
			return redirect;
		i = (i + 1) & mask;
	}
	return NULL;
}

/*
 * Runs in place of the traced function's first instruction.  notrace, and calls
 * nothing that is traced: it needs no protection against recursion.
 */
static void notrace klp_redirect_handler(unsigned long ip, unsigned long parent_ip,
					 struct ftrace_ops *ops,
					 struct ftrace_regs *fregs)
{
	struct klp_redirect_table *table;
	struct klp_redirect *redirect;
	struct list_head *first;
	struct klp_func *func;

	preempt_disable_notrace();

	/* Checked accessors assume that RCU watches, see the top of the file. */
	/* model: handler 1, table */
	table = rcu_dereference_raw_check(klp_table);
	redirect = likely(table) ? klp_table_find(table, ip) : NULL;
	if (unlikely(!redirect))
		goto out;
	klp_busted_pause(freed_at_once);

	/* model: handler 2, list */
	first = rcu_dereference_raw_check(list_next_rcu(&redirect->funcs));
	if (unlikely(first == &redirect->funcs))
		goto out;
	func = list_entry(first, struct klp_func, stack_node);

	/* model: handler 3, flag */
	if (unlikely(READ_ONCE(func->transition))) {
		int state;

		/*
		 * Read the state after the flag: pairs with smp_wmb() in
		 * klp_transition_init().
		 */
		smp_rmb();

		/* No task is forgotten; if one were, only the code that stays is safe. */
		/* model: handler 4, state */
		state = READ_ONCE(current->patch_state);
		if (WARN_ON_ONCE(state == KLP_TRANSITION_IDLE))
			state = READ_ONCE(klp_target_state);

		if (state == KLP_TRANSITION_UNPATCHED && !klp_busted(handler_stateless)) {
			/* The next older function, or the original. */
			/* model: handler 5, next */
			first = rcu_dereference_raw_check(list_next_rcu(first));
			if (first == &redirect->funcs)
				goto out;
			func = list_entry(first, struct klp_func, stack_node);
		}
	}

	if (!func->nop)
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)func->new_func);
out:
	preempt_enable_notrace();
}

static struct ftrace_ops klp_ops __read_mostly = {
	.func	= klp_redirect_handler,
	.flags	= FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT |
		  /* Without its own way to change the target the handler needs all registers. */
		  (IS_ENABLED(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS) ?
		   0 : FTRACE_OPS_FL_SAVE_REGS),
};

struct klp_redirect_table *klp_table_alloc(unsigned int nr)
{
	/* Twice the places, rounded up to a power of two. */
	unsigned int bits = nr > 4 ? fls(nr - 1) + 1 : 3;
	struct klp_redirect_table *table;

	table = kvzalloc(struct_size(table, slots, 1UL << bits), GFP_KERNEL);
	if (table)
		table->bits = bits;
	return table;
}

void klp_table_insert(struct klp_redirect_table *table, struct klp_redirect *redirect)
{
	unsigned int mask = (1U << table->bits) - 1;
	unsigned int i = hash_long(redirect->ip, table->bits);

	while (table->slots[i])
		i = (i + 1) & mask;

	table->slots[i] = redirect;
	table->live++;
}

void klp_table_remove(struct klp_redirect_table *table, struct klp_redirect *redirect)
{
	unsigned int mask = (1U << table->bits) - 1;
	unsigned int i = hash_long(redirect->ip, table->bits);

	while (table->slots[i] != redirect) {
		if (WARN_ON_ONCE(!table->slots[i]))
			return;
		i = (i + 1) & mask;
	}

	/* Look-ups for entries behind it go on. */
	if (!klp_busted(table_not_cleared))
		WRITE_ONCE(table->slots[i], SLOT_LEFT);
	table->live--;
}

/* The first redirect at or behind a place, for who may change the table; moves *@i there. */
static struct klp_redirect *next_redirect(const struct klp_redirect_table *table,
					  unsigned int *i)
{
	for (; table && *i < 1U << table->bits; ++*i)
		if (table->slots[*i] && table->slots[*i] != SLOT_LEFT)
			return table->slots[*i];
	return NULL;
}

#define for_each_redirect(table, i, redirect)					\
	for ((i) = 0; ((redirect) = next_redirect(table, &(i))); (i)++)

static struct klp_redirect_table *current_table(void)
{
	return rcu_dereference_protected(klp_table, lockdep_is_held(&klp_mutex));
}

static void replace_table(struct klp_redirect_table *table)
{
	struct klp_redirect_table *old = current_table();

	/* Batches in a row without a wait between them: there is room for one table. */
	/* model: table 1, one to retire */
	if (retired_table)
		klp_redirect_sync();

	/* model: table 2, replace */
	rcu_assign_pointer(klp_table, table);
	retired_table = old;
}

/* A table with all of the current entries and room for @more; not yet visible. */
static struct klp_redirect_table *grow_table(unsigned int more)
{
	struct klp_redirect_table *old = current_table(), *table;
	struct klp_redirect *redirect;
	unsigned int i;

	table = klp_table_alloc((old ? old->live : 0) + more);
	if (!table)
		return NULL;

	for_each_redirect(old, i, redirect)
		klp_table_insert(table, redirect);
	return table;
}

static struct klp_redirect *redirect_at(unsigned long ip)
{
	const struct klp_redirect_table *table = current_table();

	return table ? klp_table_find(table, ip) : NULL;
}

static struct klp_redirect *find_redirect(const struct klp_func *func)
{
	return redirect_at(func->ip);
}

/* Where all calls go, whoever makes them; 0 if the handler has to decide. */
static unsigned long steady_target(struct klp_redirect *redirect)
{
	const struct klp_func *func;

	func = list_first_entry_or_null(&redirect->funcs, struct klp_func, stack_node);
	if (!func || (func->transition && !klp_busted(jump_stays)) || func->nop)
		return 0;
	return (unsigned long)func->new_func;
}

/* ftrace may ask at any time: this reads the table as handlers do. */
static unsigned long find_jump(unsigned long ip)
{
	const struct klp_redirect_table *table;
	const struct klp_redirect *redirect;

	guard(preempt)();

	table = rcu_dereference_raw_check(klp_table);
	redirect = table ? klp_table_find(table, ip) : NULL;
	return redirect ? redirect->jump : 0;
}

static unsigned long update_jump(unsigned long ip)
{
	struct klp_redirect *redirect = redirect_at(ip);

	if (!redirect)
		return 0;
	redirect->jump = steady_target(redirect);
	return redirect->jump;
}

static const struct ftrace_jumps klp_jumps = {
	.ops	= &klp_ops,
	.find	= find_jump,
	.update	= update_jump,
};

void klp_redirect_refresh(void)
{
	struct klp_redirect *redirect;
	unsigned int i;

	lockdep_assert_held(&klp_mutex);
	if (!FTRACE_HAS_JUMPS)
		return;

	for_each_redirect(current_table(), i, redirect) {
		if (redirect->jump != steady_target(redirect)) {
			ftrace_update_jumps(&klp_jumps);
			return;
		}
	}
}

/* Change which addresses are hooked; all of @ips or none. */
static int hook_ips(unsigned long *ips, unsigned int nr)
{
	bool first = !(klp_ops.flags & FTRACE_OPS_FL_ENABLED);
	int err, tries = 0;

	do {
		/* The filter of an ops that is not registered is left over: reset it. */
		err = ftrace_set_filter_ips(&klp_ops, ips, nr, 0, first);
		if (!err && first)
			err = register_ftrace_function(&klp_ops);
	} while (err == -EAGAIN && ++tries < BUSY_TRAMPOLINE_TRIES);

	return err == -EAGAIN ? -EBUSY : err;
}

/* How many addresses are hooked, those without functions included. */
static unsigned int nr_hooked(void)
{
	const struct klp_redirect_table *table = current_table();

	return table ? table->live : 0;
}

/* Redirects without functions, whose address is hooked and in the table. */
static unsigned int nr_leaving(void)
{
	const struct klp_redirect *redirect;
	unsigned int i, nr = 0;

	for_each_redirect(current_table(), i, redirect)
		nr += list_empty(&redirect->funcs);
	return nr;
}

static int remove_from_filter(unsigned long *ips, unsigned int nr)
{
	int err, tries = 0;

	while ((err = ftrace_set_filter_ips(&klp_ops, ips, nr, 1, 0)) == -ENOMEM &&
	       ++tries < UNHOOK_TRIES)
		fsleep(1000);
	return err;
}

static int unhook_ips(unsigned long *ips, unsigned int nr)
{
	/* To ftrace an empty filter means every function. */
	if (nr == nr_hooked())
		return unregister_ftrace_function(&klp_ops);

	return remove_from_filter(ips, nr);
}

/* Find, by halves, one of @ips that ftrace refuses; none of them stays hooked. */
static unsigned int find_refused(unsigned long *ips, unsigned int nr)
{
	unsigned int low = 0, high = nr;

	while (high - low > 1) {
		unsigned int half = (high - low) / 2;
		bool first = !(klp_ops.flags & FTRACE_OPS_FL_ENABLED);

		if (hook_ips(ips + low, half)) {
			high = low + half;
			continue;
		}

		/* They are in no table: unhook_ips() would not know what is left. */
		if (first)
			unregister_ftrace_function(&klp_ops);
		else
			remove_from_filter(ips + low, half);
		low += half;
	}
	return low;
}

static void push(struct klp_redirect **list, struct klp_redirect *redirect)
{
	redirect->next = *list;
	*list = redirect;
}

static struct klp_redirect *pop(struct klp_redirect **list)
{
	struct klp_redirect *redirect = *list;

	if (redirect)
		*list = redirect->next;
	return redirect;
}

static void free_redirects(struct klp_redirect **list)
{
	struct klp_redirect *redirect;

	while ((redirect = pop(list)))
		kfree(redirect);
}

/* Make a redirect for every function of the batch whose address has none. */
static int make_redirects(struct list_head *batch, struct klp_redirect **joining,
			  unsigned int *nr)
{
	struct klp_redirect *redirect;
	struct klp_func *func;

	list_for_each_entry(func, batch, stack_node) {
		if (find_redirect(func))
			continue;

		redirect = kzalloc(sizeof(*redirect), GFP_KERNEL);
		if (!redirect)
			return -ENOMEM;
		redirect->ip = func->ip;
		INIT_LIST_HEAD(&redirect->funcs);
		push(joining, redirect);
		++*nr;
	}
	return 0;
}

static const struct klp_func *func_at(struct list_head *batch, unsigned long ip)
{
	const struct klp_func *func;

	list_for_each_entry(func, batch, stack_node)
		if (func->ip == ip)
			return func;
	return NULL;
}

int klp_redirect_add(struct list_head *batch, const struct klp_func **refused)
{
	struct klp_redirect *redirect, *joining = NULL;
	struct klp_redirect_table *table = NULL;
	struct klp_func *func, *tmp;
	unsigned long *ips = NULL;
	unsigned int nr = 0, i = 0;
	int err;

	lockdep_assert_held(&klp_mutex);

	/* What could not be unhooked must not be mistaken for hooked. */
	err = klp_redirect_shrink();
	if (err)
		return err;

	err = make_redirects(batch, &joining, &nr);
	if (err)
		goto err_free;

	if (nr) {
		err = -ENOMEM;
		ips = kvmalloc_array(nr, sizeof(*ips), GFP_KERNEL);
		if (!ips)
			goto err_free;
		table = grow_table(nr);
		if (!table)
			goto err_free;

		for (redirect = joining; redirect; redirect = redirect->next)
			ips[i++] = redirect->ip;

		/*
		 * Hooked before it is in the table, a call passes through the
		 * handler to the original.  The other order would have to take
		 * functions back that tasks have seen.
		 */
		err = hook_ips(ips, nr);
		if (err) {
			if (err != -ENOMEM)
				*refused = func_at(batch, ips[find_refused(ips, nr)]);
			goto err_free;
		}

		while ((redirect = pop(&joining))) {
			redirect->jump = 0;
			klp_table_insert(table, redirect);
		}
		/* model: add 1, table */
		replace_table(table);
		kvfree(ips);
	}

	list_for_each_entry_safe(func, tmp, batch, stack_node) {
		redirect = find_redirect(func);
		list_del(&func->stack_node);
		/* model: add 2, link */
		list_add_rcu(&func->stack_node, &redirect->funcs);
		func->patched = true;
	}
	klp_redirect_refresh();
	return 0;

err_free:
	kvfree(table);
	kvfree(ips);
	free_redirects(&joining);
	return err;
}

void klp_redirect_unlink(struct klp_func *func)
{
	struct klp_redirect *redirect = find_redirect(func);

	lockdep_assert_held(&klp_mutex);
	if (WARN_ON_ONCE(!redirect))
		return;

	/* model: unlink 1, function */
	list_del_rcu(&func->stack_node);
	func->patched = false;
}

/* Unhook the first redirects without functions, as many as @ips has room for. */
static int unhook_some(unsigned long *ips, unsigned int room)
{
	struct klp_redirect_table *table = current_table();
	struct klp_redirect *redirect;
	unsigned int i, nr = 0;
	int err;

	for_each_redirect(table, i, redirect) {
		if (nr == room)
			break;
		if (list_empty(&redirect->funcs))
			ips[nr++] = redirect->ip;
	}

	err = unhook_ips(ips, nr);
	if (err)
		return err;

	/* ftrace asks no more where they jump to: there is room for a link. */
	for (i = 0; i < nr; i++) {
		redirect = redirect_at(ips[i]);
		/* model: shrink 1, redirects */
		klp_table_remove(table, redirect);
		push(&retired_redirects, redirect);
	}
	return 0;
}

int klp_redirect_shrink(void)
{
	static unsigned long few_ips[FEW_IPS];
	unsigned int nr = nr_leaving();
	unsigned long *ips;
	int err = 0;

	lockdep_assert_held(&klp_mutex);
	klp_redirect_refresh();
	if (!nr)
		return 0;

	ips = kvmalloc_array(nr, sizeof(*ips), GFP_KERNEL | __GFP_NOWARN);
	while (!err && nr_leaving())
		err = unhook_some(ips ?: few_ips, ips ? nr : FEW_IPS);
	kvfree(ips);

	if (err)
		pr_warn("cannot unhook %u functions that are no longer patched (%d)\n",
			nr_leaving(), err);

	/* model: shrink 2, table */
	if (!nr_hooked())
		replace_table(NULL);
	return err;
}

/* Having run on a CPU, it proves that no handler that was running there still is. */
static int pass_through_scheduler(void *unused)
{
	return 0;
}

static void wait_for_handlers(void)
{
	int cpu;

	/*
	 * Not schedule_on_each_cpu(): that may fail for lack of memory, and a real-time
	 * task could keep its work, and with it klp_mutex, waiting for ever.  Stoppers
	 * come before any other task.
	 */
	/* model: sync 1, wait */
	cpus_read_lock();
	for_each_online_cpu(cpu)
		stop_one_cpu(cpu, pass_through_scheduler, NULL);
	cpus_read_unlock();
}

void klp_redirect_sync(void)
{
	lockdep_assert_held(&klp_mutex);

	if (!klp_busted(freed_at_once))
		wait_for_handlers();

	/* model: sync 2, free */
	free_redirects(&retired_redirects);
	kvfree(retired_table);
	retired_table = NULL;
}

struct klp_func *klp_redirect_newest(const struct klp_func *func)
{
	struct klp_redirect *redirect = find_redirect(func);

	lockdep_assert_held(&klp_mutex);
	if (!redirect)
		return NULL;
	return list_first_entry_or_null(&redirect->funcs, struct klp_func, stack_node);
}

struct klp_func *klp_redirect_above(const struct klp_func *func)
{
	struct klp_redirect *redirect = find_redirect(func);

	lockdep_assert_held(&klp_mutex);
	if (list_is_first(&func->stack_node, &redirect->funcs))
		return NULL;
	return list_entry(func->stack_node.prev, struct klp_func, stack_node);
}

struct klp_func *klp_redirect_below(const struct klp_func *func)
{
	struct klp_redirect *redirect = find_redirect(func);

	lockdep_assert_held(&klp_mutex);
	if (list_is_last(&func->stack_node, &redirect->funcs))
		return NULL;
	return list_entry(func->stack_node.next, struct klp_func, stack_node);
}
