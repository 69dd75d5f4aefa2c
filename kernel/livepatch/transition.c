// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Moving all tasks from one version of the code to the other.
 *
 * While a transition runs, each task has a patch_state, one of the two versions,
 * which the redirect handler obeys.  A task takes the target state when it is in
 * none of the code that is being left:
 *
 *  - it is about to return to user space, or it is an idle task that passes through
 *    its loop: nothing that can be patched is on its stack, klp_update_patch_state();
 *  - it calls cond_resched() and its own stack is clean: __klp_sched_try_switch();
 *  - a sweep finds it off the CPU with a clean stack: klp_transition_try().
 *
 * A sweep walks the list of tasks under RCU and not under tasklist_lock, so it
 * delays neither fork nor exit.  It misses nobody: a task that was forked during
 * the sweep inherits the state of its parent and stands behind it in the list.
 * If the parent had switched when the sweep came to it, so has the child, unless
 * it was forked earlier; but then it was in the list and the sweep comes to it.
 * This needs patch_state to be written with release and read with acquire.  A
 * task that leaves the list before the sweep comes to it is in the table of
 * exit.c, which the sweep walks last.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/sched/idle.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <trace/events/livepatch.h>
#include "internal.h"

/* How much a walk does before it lets others run. */
#define WALK_BATCH	1024

/* A walk that has lost its place that often does the rest in one go. */
#define WALK_RESTARTS	8

/* The time between sweeps doubles from the first to the second. */
#define RETRY_MIN_MS	1
#define RETRY_MAX_MS	1000

/*
 * When sweeps are that far apart cond_resched() lets tasks switch.  It takes long
 * to patch all its callers, and most tasks that run have to make room for others
 * before.
 */
#define HOOK_MS		64

/* How long tasks may take before they are sent a signal, and between signals. */
#define SIGNAL_INTERVAL	(15 * HZ)

struct klp_patch *klp_transition_patch;

int klp_target_state = KLP_TRANSITION_IDLE;

/*
 * The state of a new task whose parent has none: that which is being left, from
 * before tasks get it until after they lose it.  Written under klp_mutex, read
 * by fork under tasklist_lock.
 */
static int klp_fork_state = KLP_TRANSITION_IDLE;

/*
 * The code that is being left.  Replaced under klp_mutex; tasks that check
 * themselves read it under RCU.
 */
static struct klp_stack_index __rcu *klp_index;

/* How the present transition goes on; klp_mutex. */
static struct {
	/* Time to the next sweep, in milliseconds. */
	unsigned int retry_ms;
	/* When tasks will be sent a signal, in jiffies. */
	unsigned long signal_at;
	/* cond_resched() lets tasks switch. */
	bool hooked;
} progress;

#if defined(CONFIG_PREEMPT_DYNAMIC) && defined(CONFIG_HAVE_PREEMPT_DYNAMIC_CALL)

static void hook_cond_resched(void)
{
	sched_dynamic_klp_enable();
}

static void unhook_cond_resched(void)
{
	sched_dynamic_klp_disable();
}

#else

DEFINE_STATIC_KEY_FALSE(klp_sched_try_switch_key);
EXPORT_SYMBOL(klp_sched_try_switch_key);

static void hook_cond_resched(void)
{
	static_branch_enable(&klp_sched_try_switch_key);
}

static void unhook_cond_resched(void)
{
	static_branch_disable(&klp_sched_try_switch_key);
}

#endif

static const char *direction(int state)
{
	return state == KLP_TRANSITION_PATCHED ? "patching" : "unpatching";
}

/* A walk through the list of tasks, or of those that exit; and where it has come to. */
struct walk {
	klp_walk_fn fn;
	void *data;
	/* The last task that was looked at; NULL at the begin of a group, or of a bucket. */
	struct task_struct *task;
	/* The leader of its group; of those who exit, init_task. */
	struct task_struct *group;
	/* In the table of those who exit, and where. */
	bool exiting;
	unsigned int bucket;
	/* How often the place was lost. */
	unsigned int restarts;
};

/*
 * Go to the first task of the next group that has one; false at the end of the list.
 *
 * exec by another thread than the leader puts that in the leader's place in the list.
 * The old leader goes on pointing to what was the next one then, which may be gone by
 * now, and with it the way to those that were forked since.
 */
static bool next_group(struct walk *walk)
{
	do {
		/* Changes under tasklist_lock; nobody leads again who has led before. */
		if (data_race(!thread_group_leader(walk->group))) {
			walk->group = &init_task;
			walk->restarts++;
		}
		walk->group = next_task(walk->group);
		if (walk->group == &init_task)
			return false;
		walk->task = list_first_or_null_rcu(&walk->group->signal->thread_head,
						    struct task_struct, thread_node);
	} while (!walk->task);
	return true;
}

/* Go to the next task; false at the end. */
static bool next_place(struct walk *walk)
{
	if (walk->exiting) {
		walk->task = klp_next_exiting(walk->task, &walk->bucket);
		return walk->task;
	}
	if (walk->task)
		walk->task = __next_thread(walk->task);
	return walk->task || next_group(walk);
}

static bool place_lost(const struct walk *walk)
{
	if (!walk->task)
		return false;
	if (walk->exiting)
		return !klp_task_is_exiting(walk->task);
	/*
	 * exec by another thread takes a leader out of the list while it still has its
	 * pid.  All this changes under tasklist_lock.  Who sees it too late follows
	 * pointers that are valid until the end of the batch; next_group() looks again.
	 */
	return !data_race(thread_group_leader(walk->group) && pid_alive(walk->group) &&
			  pid_alive(walk->task));
}

/*
 * Go on with a walk, and return false at the end.  Not inline: how
 * long it takes is how long others may have to wait, and ftrace can tell.
 */
static noinline bool walk_batch(struct walk *walk)
{
	struct task_struct *group = walk->group, *task = walk->task;
	unsigned int cost = 0;
	bool more = true;

	rcu_read_lock();
	if (place_lost(walk)) {
		/* Of those that exit, only their bucket begins anew. */
		walk->group = &init_task;
		walk->task = NULL;
		walk->restarts++;
	}
	if (task) {
		put_task_struct(task);
		put_task_struct(group);
	}

	while (cost < WALK_BATCH || walk->restarts > WALK_RESTARTS) {
		if (!next_place(walk)) {
			more = false;
			goto out;
		}
		cost += walk->fn(walk->task, walk->data);
	}
	get_task_struct(walk->group);
	get_task_struct(walk->task);
out:
	rcu_read_unlock();
	return more;
}

void klp_walk_tasks(klp_walk_fn fn, void *data)
{
	struct walk walk = { .fn = fn, .data = data, .group = &init_task };

	/* model: walk 1, list */
	while (walk_batch(&walk))
		cond_resched();

	/*
	 * Who is no longer in the list is in the table of those who exit: pairs with
	 * the two critical sections that klp_task_exiting() speaks of.
	 */
	smp_rmb();
	/* model: walk 2, exiting tasks */
	walk = (struct walk){ .fn = fn, .data = data, .group = &init_task, .exiting = true };
	while (!klp_busted(exiting_forgotten) && walk_batch(&walk))
		cond_resched();
}

/* Call @fn for every task, those of idle CPUs included. */
static void for_all_tasks(klp_walk_fn fn)
{
	unsigned int cpu;

	klp_walk_tasks(fn, NULL);
	for_each_possible_cpu(cpu)
		fn(idle_task(cpu), NULL);
}

/* On return every task that is or will be in the list was forked with @state in sight. */
static void set_fork_state(int state)
{
	/* model: fork state 1, set */
	WRITE_ONCE(klp_fork_state, state);

	/* Waits for those that are being added to the list by somebody who saw the old one. */
	/* model: fork state 2, wait */
	read_lock(&tasklist_lock);
	read_unlock(&tasklist_lock);
}

static unsigned int set_initial(struct task_struct *task, void *unused)
{
	WARN_ON_ONCE(task->patch_state == klp_target_state);
	WRITE_ONCE(task->patch_state, klp_fork_state);
	return 1;
}

void klp_transition_init(struct klp_patch *patch, int state)
{
	struct klp_object *obj;
	struct klp_func *func;

	lockdep_assert_held(&klp_mutex);
	WARN_ON_ONCE(klp_target_state != KLP_TRANSITION_IDLE);

	pr_debug("'%s': initializing %s transition\n", patch->mod->name, direction(state));

	WRITE_ONCE(klp_transition_patch, patch);
	/* model: init 1, target */
	WRITE_ONCE(klp_target_state, state);
	set_fork_state(!state);
	/* model: init 2, states */
	for_all_tasks(set_initial);

	/*
	 * States before flags: pairs with smp_rmb() in klp_redirect_handler(),
	 * which looks for a state only when it has seen the flag.
	 */
	smp_wmb();

	/* model: init 3, flags */
	klp_for_each_object(patch, obj)
		klp_for_each_func(obj, func)
			WRITE_ONCE(func->transition, true);

	/* Towards unpatched they are redirected: nobody may pass by the handler any more. */
	klp_redirect_refresh();
}

static unsigned int nr_parts(const struct klp_ranges *cold)
{
	return cold ? cold->nr : 0;
}

/*
 * How much the index may need: each function appears at most with both of its sides,
 * and one that is only looked for with another's, too; and each livepatch as a whole.
 */
static unsigned int count_ranges(void)
{
	const struct klp_func *newest;
	struct klp_patch *patch;
	struct klp_object *obj;
	struct klp_func *func;
	unsigned int nr = 0;

	klp_for_each_patch(patch) {
		nr++;
		klp_for_each_object(patch, obj) {
			klp_for_each_func(obj, func) {
				nr += 2 + nr_parts(func->old_cold) + nr_parts(func->new_cold);
				newest = obj->patched && func->stack_only ?
					klp_redirect_newest(func) : NULL;
				nr += newest ? nr_parts(newest->new_cold) : 0;
			}
		}
	}
	return nr;
}

static void add_code(struct klp_stack_index *index, const void *start,
		     unsigned long size, const struct klp_ranges *cold)
{
	unsigned int i;

	klp_index_add(index, (unsigned long)start, (unsigned long)start + size);
	for (i = 0; cold && i < cold->nr && !klp_busted(no_cold); i++)
		klp_index_add(index, cold->range[i].start, cold->range[i].end);
}

static void add_old_code(struct klp_stack_index *index, const struct klp_func *func)
{
	add_code(index, func->old_func, func->old_size, func->old_cold);
}

static void add_new_code(struct klp_stack_index *index, const struct klp_func *func)
{
	add_code(index, func->new_func, func->new_size, func->new_cold);
}

/* The side of @func that is being left: @version, the original if that is NULL or a nop. */
static void add_version(struct klp_stack_index *index, const struct klp_func *func,
			const struct klp_func *version)
{
	if (!version || version->nop || klp_busted(index_of_original))
		add_old_code(index, func);
	else
		add_new_code(index, version);

	/*
	 * A task that was interrupted between the handler's decision and the
	 * function it was sent to returns, as far as its stack tells, to just
	 * behind the original's call of ftrace.
	 */
	klp_index_add(index, (unsigned long)func->old_func,
		      func->ip + MCOUNT_INSN_SIZE + 1);
}

static void add_redirected(struct klp_stack_index *index, bool patching)
{
	struct klp_object *obj;
	struct klp_func *func;

	klp_for_each_object(klp_transition_patch, obj)
		klp_for_each_func(obj, func)
			if (func->patched)
				add_version(index, func,
					    patching ? klp_redirect_below(func) : func);
}

/* What calls of a function that is only looked for run now. */
static void add_current_code(struct klp_stack_index *index, const struct klp_func *func)
{
	const struct klp_func *newest = klp_redirect_newest(func);

	add_old_code(index, func);
	if (newest && !newest->nop)
		add_new_code(index, newest);
}

/* What is only looked for when @patch takes effect, or when it does so no longer. */
static void add_stack_only(struct klp_stack_index *index, struct klp_patch *patch,
			   bool patching)
{
	struct klp_object *obj;
	struct klp_func *func;

	klp_for_each_object(patch, obj) {
		if (!obj->patched || klp_busted(stack_only_ignored))
			continue;
		klp_for_each_func(obj, func) {
			if (!func->stack_only)
				continue;
			if (patching)
				add_current_code(index, func);
			else
				add_new_code(index, func);
		}
	}
}

/*
 * Who is in code of a livepatch need not have one of its functions on the stack, if such
 * a function has jumped there.  From a livepatch that was forced nobody is expected to
 * come back, and its module stays.
 */
static void add_text(struct klp_stack_index *index, const struct klp_patch *patch)
{
	if (!patch->forced)
		klp_index_add_text(index, patch->mod);
}

/* The index of the code that is left on the way to @state. */
static struct klp_stack_index *make_index(int state)
{
	bool patching = state == KLP_TRANSITION_PATCHED;
	struct klp_stack_index *index;
	struct klp_patch *patch;

	index = klp_index_alloc(count_ranges(), !patching || klp_transition_patch->replace);
	if (!index)
		return NULL;

	index->target_state = state;
	add_redirected(index, patching);
	add_stack_only(index, klp_transition_patch, patching);

	/* Those that are being replaced, or that come back, go the other way. */
	klp_for_each_patch(patch) {
		if (patch == klp_transition_patch || !klp_transition_patch->replace)
			break;
		if (patching && patch->forced)
			continue;
		add_stack_only(index, patch, !patching);
		if (patching)
			add_text(index, patch);
	}
	if (!patching)
		add_text(index, klp_transition_patch);
	klp_index_seal(index);
	return index;
}

static struct klp_stack_index *current_index(void)
{
	return rcu_dereference_protected(klp_index, lockdep_is_held(&klp_mutex));
}

static void replace_index(struct klp_stack_index *index)
{
	struct klp_stack_index *old = current_index();

	rcu_assign_pointer(klp_index, index);
	if (old)
		kvfree_rcu(old, rcu);
}

int klp_transition_index(void)
{
	struct klp_stack_index *index;

	lockdep_assert_held(&klp_mutex);

	/* model: index 1, make */
	index = make_index(klp_target_state);
	if (!index)
		return -ENOMEM;
	replace_index(index);
	return 0;
}

static unsigned int ask_to_switch(struct task_struct *task, void *unused)
{
	/* It may be switching just now; then the flag makes it do so once more. */
	if (READ_ONCE(task->patch_state) != klp_target_state)
		set_tsk_thread_flag(task, TIF_PATCH_PENDING);
	return 1;
}

void klp_transition_start(void)
{
	lockdep_assert_held(&klp_mutex);

	pr_notice("'%s': starting %s transition\n", klp_transition_patch->mod->name,
		  direction(klp_target_state));
	trace_klp_transition_start(klp_transition_patch, klp_target_state);

	progress.retry_ms = RETRY_MIN_MS;
	progress.signal_at = jiffies + SIGNAL_INTERVAL;

	/*
	 * Target and index before the flag: pairs with the barriers after the flag
	 * is read in klp_update_patch_state() and __klp_sched_try_switch().
	 */
	smp_wmb();
	/* model: start 1, ask */
	for_all_tasks(ask_to_switch);
}

static void set_switched(struct task_struct *task, int state)
{
	clear_tsk_thread_flag(task, TIF_PATCH_PENDING);

	/* Pairs with smp_load_acquire() in has_switched(), see the top of the file. */
	smp_store_release(&task->patch_state, state);
	trace_klp_task_switch(task, state);
}

static bool is_in_state(const struct task_struct *task, int state)
{
	/* Pairs with smp_store_release() where a task's state is written. */
	return smp_load_acquire(&task->patch_state) == state;
}

static bool has_switched(const struct task_struct *task)
{
	return is_in_state(task, klp_target_state);
}

/* A look at a task: by which index, and what was found. */
struct look {
	const struct klp_stack_index *index;
	struct klp_blocker blocker;
};

/* Called with @task kept from changing between running and not running. */
static int look_pinned(struct task_struct *task, void *data)
{
	struct look *look = data;

	if (task_curr(task) && task != current) {
		look->blocker = (struct klp_blocker){ .reason = KLP_BLOCK_RUNNING };
		return -EBUSY;
	}
	return klp_stack_check(look->index, task, &look->blocker) ? 0 : -EBUSY;
}

static int switch_pinned(struct task_struct *task, void *data)
{
	struct look *look = data;
	int err = look_pinned(task, look);

	if (!err)
		set_switched(task, look->index->target_state);
	return err;
}

/* It has to get to its end, whatever else is the case. */
static void note_exit(const struct task_struct *task, struct klp_blocker *blocker)
{
	if (klp_task_is_exiting(task))
		blocker->reason = KLP_BLOCK_EXITING;
}

bool klp_transition_waits_for(struct task_struct *task, int state,
			      struct klp_blocker *blocker)
{
	struct look look = {
		.index = rcu_dereference_check(klp_index, lockdep_is_held(&klp_mutex)),
	};

	if (!look.index || look.index->target_state != state || is_in_state(task, state))
		return false;

	if (blocker) {
		if (!task_call_func(task, look_pinned, &look))
			look.blocker = (struct klp_blocker){ .reason = KLP_BLOCK_RUNNING };
		note_exit(task, &look.blocker);
		*blocker = look.blocker;
	}
	return true;
}

static bool try_switch(struct task_struct *task)
{
	struct look look = { .index = current_index() };

	/* model: sweep 1, look */
	if (!task_call_func(task, switch_pinned, &look))
		return true;

	note_exit(task, &look.blocker);
	trace_klp_task_blocked(task, look.blocker.reason, look.blocker.addr);

	/* A fork may have copied the flag of its parent before it was set. */
	/* model: sweep 2, flag */
	set_tsk_thread_flag(task, TIF_PATCH_PENDING);

	/* If it is in user space a trip through the kernel is all that is missing. */
	if (look.blocker.reason == KLP_BLOCK_RUNNING && progress.retry_ms > RETRY_MIN_MS)
		kick_process(task);
	return false;
}

static unsigned int sweep_task(struct task_struct *task, void *data)
{
	bool *done = data;

	if (has_switched(task))
		return 1;
	if (!try_switch(task))
		*done = false;
	return KLP_STACK_COST;
}

static unsigned int find_straggler(struct task_struct *task, void *data)
{
	bool *done = data;

	if (!has_switched(task))
		*done = false;
	return 1;
}

static bool sweep_tasks(void)
{
	bool done = true;

	klp_walk_tasks(sweep_task, &done);

	/*
	 * With PREEMPT_RT a parent can sleep, and be switched by a sweep, between
	 * klp_copy_process() and adding its child to the list.  Once tasklist_lock
	 * has been free the child is there.
	 */
	/* model: sweep 3, stragglers */
	if (done && IS_ENABLED(CONFIG_PREEMPT_RT)) {
		read_lock(&tasklist_lock);
		read_unlock(&tasklist_lock);
		klp_walk_tasks(find_straggler, &done);
	}
	return done;
}

static bool sweep_idle_tasks(void)
{
	bool done = true;
	unsigned int cpu;

	/* model: sweep 4, idle */
	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		struct task_struct *task = idle_task(cpu);

		if (has_switched(task))
			continue;
		if (!cpu_online(cpu)) {
			set_switched(task, klp_target_state);
		} else if (!try_switch(task)) {
			done = false;
			/* Its loop calls klp_update_patch_state(). */
			wake_up_if_idle(cpu);
		}
	}
	cpus_read_unlock();
	return done;
}

static unsigned int signal_task(struct task_struct *task, void *unused)
{
	if (has_switched(task))
		return 1;

	/*
	 * A kthread comes out of its sleep and may pass cond_resched(); a user
	 * task leaves the kernel without seeing a signal.  Other flags than this one
	 * may be changing.
	 */
	if (data_race(task->flags & PF_KTHREAD))
		wake_up_state(task, TASK_INTERRUPTIBLE);
	else
		set_notify_signal(task);
	return 1;
}

static void signal_stragglers(void)
{
	if (time_before(jiffies, progress.signal_at))
		return;
	progress.signal_at = jiffies + SIGNAL_INTERVAL;

	pr_notice("signaling remaining tasks\n");
	klp_walk_tasks(signal_task, NULL);
}

bool klp_transition_try(unsigned long *delay)
{
	bool tasks_done, idle_done;

	lockdep_assert_held(&klp_mutex);

	tasks_done = sweep_tasks();
	idle_done = sweep_idle_tasks();
	if ((tasks_done && idle_done) || klp_busted(one_sweep))
		return true;

	if (!tasks_done && !progress.hooked && progress.retry_ms >= HOOK_MS) {
		progress.hooked = true;
		hook_cond_resched();
	}
	signal_stragglers();

	*delay = msecs_to_jiffies(progress.retry_ms);
	progress.retry_ms = min(2 * progress.retry_ms, RETRY_MAX_MS);
	return false;
}

void klp_transition_cancel(void)
{
	lockdep_assert_held(&klp_mutex);

	pr_debug("'%s': canceling %s transition, going to %s\n",
		 klp_transition_patch->mod->name, direction(klp_target_state),
		 klp_target_state == KLP_TRANSITION_PATCHED ? "unpatch" : "patch");
	/* model: cancel 1, target */
	WRITE_ONCE(klp_target_state, !klp_target_state);
}

int klp_transition_reverse(void)
{
	struct klp_stack_index *index;
	int state = !klp_target_state;

	lockdep_assert_held(&klp_mutex);

	index = make_index(klp_busted(reverse_same_index) ? !state : state);
	if (!index)
		return -ENOMEM;

	pr_debug("'%s': reversing transition from %s to %s\n",
		 klp_transition_patch->mod->name, direction(klp_target_state),
		 direction(state));
	trace_klp_transition_reverse(klp_transition_patch, state);

	/* model: reverse 1, target */
	WRITE_ONCE(klp_target_state, state);
	/* model: reverse 2, index */
	replace_index(index);

	/*
	 * A task that has read the former target writes it before this returns,
	 * and then counts as one that has to switch.
	 */
	/* model: reverse 3, sync */
	klp_redirect_sync();
	klp_transition_start();
	return 0;
}

static unsigned int force_task(struct task_struct *task, void *unused)
{
	/* Not while it is in klp_copy_process(): its child would come with the old state. */
	read_lock(&tasklist_lock);
	if (!has_switched(task))
		set_switched(task, klp_target_state);
	read_unlock(&tasklist_lock);
	return 1;
}

void klp_transition_force(void)
{
	lockdep_assert_held(&klp_mutex);
	pr_warn("forcing remaining tasks to the patched state\n");
	/* model: force 1, state */
	for_all_tasks(force_task);
}

/* A task may still be marked that was waited for until the transition was reversed. */
static unsigned int stop_asking(struct task_struct *task, void *unused)
{
	clear_tsk_thread_flag(task, TIF_PATCH_PENDING);
	return 1;
}

static unsigned int set_idle(struct task_struct *task, void *unused)
{
	WRITE_ONCE(task->patch_state, KLP_TRANSITION_IDLE);
	return 1;
}

void klp_transition_settle(void)
{
	struct klp_object *obj;
	struct klp_func *func;

	lockdep_assert_held(&klp_mutex);

	/*
	 * New tasks get no flag, for their parents have switched.  Of the others, those
	 * that have seen the flag write their state before either call of
	 * klp_redirect_sync() returns.
	 */
	/* model: settle 1, stop asking */
	for_all_tasks(stop_asking);

	/* A function without its flag is for every task: none may find it from here on. */
	/* model: settle 2, sync */
	if (klp_target_state == KLP_TRANSITION_UNPATCHED)
		klp_redirect_sync();

	/* model: settle 3, flags */
	klp_for_each_object(klp_transition_patch, obj)
		klp_for_each_func(obj, func)
			WRITE_ONCE(func->transition, false);
	klp_redirect_refresh();

	/* A handler that has seen the flag needs the task's state. */
	/* model: settle 4, sync */
	if (klp_target_state == KLP_TRANSITION_PATCHED)
		klp_redirect_sync();

	/* New tasks, too, have a state for as long as functions have flags. */
	/* model: settle 5, fork state */
	set_fork_state(KLP_TRANSITION_IDLE);
	/* model: settle 6, no state */
	for_all_tasks(set_idle);
	replace_index(NULL);
}

void klp_transition_end(void)
{
	lockdep_assert_held(&klp_mutex);

	pr_notice("'%s': %s complete\n", klp_transition_patch->mod->name,
		  direction(klp_target_state));
	trace_klp_transition_complete(klp_transition_patch, klp_target_state);

	/* model: end 1, target */
	WRITE_ONCE(klp_target_state, KLP_TRANSITION_IDLE);
	WRITE_ONCE(klp_transition_patch, NULL);

	/* Last, because nobody has to wait for it: no task is pending. */
	if (progress.hooked) {
		unhook_cond_resched();
		progress.hooked = false;
	}
}

/**
 * klp_copy_process() - a new task is in the state of its parent
 * @child:	a task that is about to be added to the list of tasks
 *
 * Context: Called by the parent with tasklist_lock held for writing.
 */
void klp_copy_process(struct task_struct *child)
{
	/* model: fork 1, fork state */
	int state = READ_ONCE(klp_fork_state);
	int parent_state = READ_ONCE(current->patch_state);

	/* A copy, made at some time since the fork began. */
	clear_tsk_thread_flag(child, TIF_PATCH_PENDING);

	if (state != KLP_TRANSITION_IDLE) {
		/* The parent has none yet if the transition is just being initialised. */
		/* model: fork 2, parent's state */
		if (parent_state != KLP_TRANSITION_IDLE)
			state = parent_state;
		/*
		 * If this comes too early to see the flag, a sweep will set it.  One that
		 * the parent still has after it has switched must not be passed on:
		 * klp_transition_settle() does not look at a child that is not in the
		 * list yet.
		 */
		/* model: fork 3, parent's flag */
		if (state != READ_ONCE(klp_target_state) && klp_patch_pending(current))
			set_tsk_thread_flag(child, TIF_PATCH_PENDING);
	}
	child->patch_state = klp_busted(fork_forgets) ? KLP_TRANSITION_IDLE : state;
}

/**
 * klp_update_patch_state() - a task is in no kernel code that could be patched
 * @task:	current, on its way to user space or in the idle loop
 *
 * Neither this function nor any of those that have led here may be one that ftrace
 * knows: a task may be preempted before it is back in user space, and nobody looks at
 * its stack any more.
 *
 * Context: Task context; interrupts may be off.  Does not sleep.
 */
void notrace klp_update_patch_state(struct task_struct *task)
{
	/* Injected idle time: the loop runs on top of a kthread's own functions. */
	if (task->flags & PF_KTHREAD && task->pid)
		return;

	/*
	 * Between reading the target and writing the state klp_redirect_sync()
	 * must be able to wait for this task.
	 */
	preempt_disable_notrace();

	/*
	 * Flag before target: a full barrier, pairs with smp_wmb() in
	 * klp_transition_start().  It also orders the next redirected call, which
	 * must see that its function is in transition.
	 */
	/* model: update 1, flag */
	if (test_and_clear_tsk_thread_flag(task, TIF_PATCH_PENDING)) {
		/* model: update 2, target */
		int state = READ_ONCE(klp_target_state);

		/* Pairs with smp_load_acquire() in has_switched(). */
		/* model: update 3, state */
		smp_store_release(&task->patch_state, state);
		trace_klp_task_switch(task, state);
	}

	preempt_enable_notrace();
}

/* Its own stack can be relied upon: it is in a call of cond_resched(). */
static void try_switch_current(void)
{
	struct klp_stack_index *index;
	struct klp_blocker blocker;

	rcu_read_lock();

	/* Flag before index: pairs with smp_wmb() in klp_transition_start(). */
	smp_rmb();
	/* model: resched 2, index */
	index = rcu_dereference(klp_index);
	if (index && klp_stack_check(index, current, &blocker))
		/* model: resched 3, switch */
		set_switched(current, index->target_state);

	rcu_read_unlock();
}

void __klp_sched_try_switch(void)
{
	if (likely(!klp_patch_pending(current)))
		return;

	/*
	 * Like klp_update_patch_state(), and a reader of the index as well.  The flag
	 * counts only now that klp_redirect_sync() waits: a task that was preempted
	 * after it has seen it may go on when that transition is over, or after
	 * another has begun.
	 */
	preempt_disable_notrace();
	/* model: resched 1, flag */
	if (klp_patch_pending(current))
		try_switch_current();
	preempt_enable_notrace();
}
EXPORT_SYMBOL(__klp_sched_try_switch);
