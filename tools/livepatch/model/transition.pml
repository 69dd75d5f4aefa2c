/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How tasks move from one version of the code to another: a model of
 * kernel/livepatch/{redirect,transition,exit,core,replace}.c for spin.
 *
 * Tasks call f(), which calls g(), both of which a patch replaces, while the core
 * enables that patch and whatever else check.sh switches on.  All interleavings
 * are tried.  A step is what another CPU can see the parts of; it has the name
 * of the comment "model: ..." in the code that it stands for.  What is said of
 * memory here is that of a machine which does all in order; see litmus/.
 *
 * Asserted:
 *  - g() is always of the version of the f() that has called it;
 *  - no task goes back to the old version unless the transition turns;
 *  - whatever is freed, nobody runs it or holds a pointer to it;
 *  - no handler needs the state of a task that has none.
 * And, as a claim: a transition ends, if no process is passed over for ever.
 *
 * A task is never "on a CPU" or not: it may be looked at between any two of its
 * steps, unless it is pinned, that is, has disabled preemption.  So there are as
 * many CPUs as tasks.  Interrupts that call f() behave like the task in which they
 * are: they have its state, and it cannot be looked at before they are over.
 *
 * What to include:
 *	DISABLE		after the patch is enabled it is disabled
 *	REVERSE=n	a transition may turn n times
 *	CANCEL		enabling may fail after functions have been redirected
 *	FORCE		a transition may be forced
 *	REPLACE		another patch is enabled, and this one replaces it: both
 *			replace f(), only the old one g()
 *	MODULE		g() is in a module, which goes and comes
 *	FORK, EXIT	the last task is forked by another; it exits
 *	RT		spinlocks do not disable preemption
 *	IDLE_TASK	task 0 is the idle task of a CPU that goes off and on line
 *	RESCHED		tasks call cond_resched()
 *	SLEEP		a task may sleep for ever outside of f() and g()
 *	CLAIM		calls of f() and g() are one step, for the claim
 *	BREAK_...	one thing is wrong; an assertion or the claim must fail
 */
#ifndef TASKS
#define TASKS	2
#endif
#ifndef REVERSE
#define REVERSE	0
#endif

#define CHILD	(TASKS - 1)
#define PARENT	(TASKS - 2)

/* Versions, and what a task's state can be. */
#define OLD	0
#define NEW	1
#define IDLE	2
#define ORIGINAL 3

/* What is on a stack: OLD or NEW code, and the place where f() or g() is called. */
#define ON_STACK(version)	(1 << (version))
#define ENTRY	4

#define F	0
#define G	1

/* A function as the handler finds it; 0 is none. */
#define LOW(k)	(1 + 2 * (k))
#define TOP(k)	(2 + 2 * (k))

/* What is called when nothing is in the list of a function. */
#ifdef REPLACE
#define BELOW(k) ((k) == F -> ORIGINAL : NEW)
#else
#define BELOW(k) OLD
#endif

/* ---- what the kernel has ---- */

byte target = IDLE, fork_state = IDLE, index = IDLE;
byte state[TASKS] = IDLE;
bool pending[TASKS];

bool flag[2];			/* klp_func::transition */
bool top[2], low[2];		/* in the list: of the patch, of the one to be replaced */
byte table, retired_table;	/* 1 or 2; 0 is none */
bool in_table[6];		/* [2 * table + function] */
bool leaving[2], retired[2];	/* redirects */

bool tasklist_lock, cpus_lock;
bool listed[TASKS], exiting[TASKS];
bool online = true, idle_busy;

/* ---- where tasks are ---- */

bool pinned[TASKS], waited_for[TASKS];
byte stack[TASKS];
byte holds_table[TASKS], holds_redirect[TASKS], holds_func[TASKS];

bool has_been_new[TASKS], turned, forced, ended;
bool module_live = true;
byte module_users;

/* Preemption is enabled; who has waited for that need not wait for the next time. */
#define UNPIN	pinned[t] = false; waited_for[t] = false

#ifdef BREAK_NO_ENTRY
#define IN_ENTRY	0
#else
#define IN_ENTRY	ENTRY
#endif

#ifdef BREAK_NO_STACK_CHECK
#define CLEAN(t, to)	true
#else
#define CLEAN(t, to)	(!(stack[t] & (ON_STACK(1 - (to)) | IN_ENTRY)))
#endif

/* ---- redirect.c: the handler ---- */

inline read_list(k)
{
	if
	:: top[k] -> holds_func[t] = TOP(k)
	:: !top[k] && low[k] -> holds_func[t] = LOW(k)
	:: else -> holds_func[t] = 0
	fi
}

/* Which version does a call of @k come to? */
inline handler(k, v)
{
	/* step: handler 1, table */
	atomic { pinned[t] = true; holds_table[t] = table }
	/* step: handler 2, list */
	atomic {
		if
		:: holds_table[t] && in_table[2 * holds_table[t] + k] ->
			holds_redirect[t] = k + 1
		:: else -> v = BELOW(k)
		fi;
		holds_table[t] = 0
	}
	if
	:: holds_redirect[t] ->
		atomic {
			read_list(k);
			holds_redirect[t] = 0;
			if
			:: !holds_func[t] -> v = BELOW(k)
			:: holds_func[t] == LOW(k) -> v = OLD
			:: else -> skip
			fi
		}
	:: else -> skip
	fi;
	if
	:: holds_func[t] == TOP(k) ->
		v = NEW;
		/* step: handler 3, flag */
		if
		:: flag[k] ->
			/* step: handler 4, state */
			atomic { assert(state[t] != IDLE); v = state[t] };
			if
			:: v == OLD ->
				/* step: handler 5, next */
				atomic {
					if
					:: low[k] -> holds_func[t] = LOW(k)
					:: else -> holds_func[t] = 0; v = BELOW(k)
					fi
				}
			:: else -> skip
			fi
		:: else -> skip
		fi
	:: else -> skip
	fi;
#ifdef REPLACE
	/* It is a nop. */
	atomic {
		if
		:: v == NEW && k == G -> holds_func[t] = 0
		:: else -> skip
		fi;
		UNPIN
	}
#else
	atomic { UNPIN }
#endif
}

/* ---- tasks ---- */

#ifdef CLAIM
inline call_f()
{
	/*
	 * In the task's version; how it is found has no influence on progress.  What
	 * comes first is no choice: of those only one may have an else where the
	 * caller chooses between calls.
	 */
	atomic {
		true;
		if
		:: top[F] && (!flag[F] || state[t] == NEW) -> stack[t] = ON_STACK(NEW)
		:: else -> stack[t] = ON_STACK(OLD)
		fi
	}
	stack[t] = 0
}
#else
inline call_f()
{
	stack[t] = ENTRY;
	handler(F, vf);
	atomic {
		assert(vf != ORIGINAL);
		assert(!(vf == OLD && has_been_new[t] && !turned));
		has_been_new[t] = has_been_new[t] || vf == NEW;
		stack[t] = ON_STACK(vf);
		holds_func[t] = 0
	}
	if
	:: atomic { module_live -> module_users++ };
		atomic { stack[t] = stack[t] | ENTRY };
		handler(G, vg);
		atomic {
			/* Who was forced mixes versions, that is the price. */
			assert(forced || vg == vf);
			stack[t] = ON_STACK(vf) | ON_STACK(vg);
			holds_func[t] = 0
		}
		atomic { stack[t] = ON_STACK(vf); module_users--; vg = OLD }
	:: true
	fi;
	atomic { stack[t] = 0; vf = OLD }
}
#endif

/* On the way to user space, or in the loop of an idle task. */
inline update_patch_state()
{
	pinned[t] = true;
	/* step: update 1, flag */
	if
	:: atomic { pending[t] -> pending[t] = false };
		/* step: update 2, target */
		s = target;
		/* step: update 3, state */
		atomic { state[t] = s; s = 0; UNPIN }
	:: atomic { !pending[t] -> UNPIN }
	fi
}

#ifdef BREAK_NO_SECOND_LOOK
#define STILL_PENDING(t) true
#else
#define STILL_PENDING(t) pending[t]
#endif

/* What is seen before the task is pinned may be of a transition that is over since. */
inline cond_resched()
{
	if
	:: pending[t] ->
		pinned[t] = true;
		/* step: resched 1, flag */
		if
		:: STILL_PENDING(t) ->
			/* step: resched 2, index */
			s = index;
			if
			:: s != IDLE && CLEAN(t, s) ->
				/* step: resched 3, switch */
				assert(target != IDLE);
				pending[t] = false;
				state[t] = s
			:: else -> skip
			fi;
			s = 0
		:: else -> skip
		fi;
		atomic { UNPIN }
	:: else -> skip
	fi
}

/* The new task is the last in the list. */
inline fork()
{
	atomic {
		!tasklist_lock -> tasklist_lock = true;
#ifndef RT
		pinned[t] = true
#endif
	}
	/* step: fork 1, fork state */
	s = fork_state;
#ifdef BREAK_NO_INHERIT
	skip;
#else
	if
	:: s != IDLE ->
		/* step: fork 2, parent's state */
		if
		:: state[t] != IDLE -> s = state[t]
		:: else -> skip
		fi;
		/* step: fork 3, parent's flag */
#ifndef BREAK_FORK_FLAG
		if
		:: s != target -> pending[CHILD] = pending[t]
		:: else -> skip
		fi
#else
		pending[CHILD] = pending[t]
#endif
	:: else -> skip
	fi;
#endif
	state[CHILD] = s;
	listed[CHILD] = true;
	atomic { s = 0; tasklist_lock = false; UNPIN; forked = true }
}

proctype task(byte t)
{
	byte vf, vg, s;
	bool forked;

#ifdef FORK
	if
	:: t == CHILD -> listed[t] && !tasklist_lock
	:: else -> skip
	fi;
#endif
end_user:
	do
	:: true ->
#ifdef IDLE_TASK
		/* A CPU goes off line at the top of its idle task's loop. */
		atomic {
			if
			:: t != 0 -> skip
			:: t == 0 && online -> idle_busy = true
			fi
		}
#endif
		if
		:: call_f()
#ifdef RESCHED
		:: call_f(); cond_resched()
#endif
#ifdef FORK
		:: t == PARENT && !forked -> fork()
#endif
#ifdef SLEEP
		:: t == 1 ->
end_sleep:		false
#endif
		:: true -> skip
		fi;
		update_patch_state();
#ifdef IDLE_TASK
		if
		:: t == 0 -> idle_busy = false
		:: else -> skip
		fi
#endif
#ifdef EXIT
	:: t == CHILD ->
#ifndef BREAK_NO_EXIT_TABLE
		/* step: exit 1, table */
		exiting[t] = true;
#endif
		atomic { !tasklist_lock -> listed[t] = false };
		call_f();
		/* step: exit 2, dead */
		atomic { exiting[t] = false; state[t] = IDLE };
		break
#endif
	od
}

/* ---- walks through tasks ---- */

/* Put its idle task last, as all walks do. */
#ifdef IDLE_TASK
#define WALK_IDLE(WHAT)	i = 0; WHAT
#else
#define WALK_IDLE(WHAT)	skip
#endif

#define WALK_ARRAY(WHICH, WHAT)				\
	i = 0;						\
	do						\
	:: i < TASKS && WHICH[i] -> WHAT; i++		\
	:: i < TASKS && !WHICH[i] -> i++		\
	:: i == TASKS -> break				\
	od

/* step: walk 1, list; step: walk 2, exiting tasks */
#ifdef BREAK_TABLE_FIRST
#define WALK(WHAT)	WALK_ARRAY(exiting, WHAT); WALK_ARRAY(listed, WHAT)
#else
#define WALK(WHAT)	WALK_ARRAY(listed, WHAT); WALK_ARRAY(exiting, WHAT)
#endif

#define FOR_ALL(WHAT)	WALK(WHAT); WALK_IDLE(WHAT); i = 0

inline set_initial()
{
	atomic {
		assert(state[i] != target || (exiting[i] && state[i] == IDLE));
		state[i] = fork_state
	}
}

inline ask_to_switch()
{
	atomic {
		if
		:: state[i] != target -> pending[i] = true
		:: else -> skip
		fi
	}
}

inline try_switch()
{
	if
	:: state[i] == target -> skip
	:: else ->
		/* step: sweep 1, look */
		if
		:: atomic {
			!pinned[i] && CLEAN(i, index) ->
			pending[i] = false; state[i] = index
		   }
		:: atomic { pinned[i] || !CLEAN(i, index) -> done = false };
#ifndef BREAK_NO_SWEEP_FLAG
			/* step: sweep 2, flag */
			pending[i] = true
#endif
		fi
	fi
}

inline find_straggler()
{
	atomic {
		if
		:: state[i] != target -> done = false
		:: else -> skip
		fi
	}
}

inline force_task()
{
	atomic {
#ifndef BREAK_NO_FORCE_LOCK
		!tasklist_lock;
#endif
		pending[i] = false; state[i] = target
	}
}

/* No child has come with the state that its parent had before. */
inline is_forced()
{
	assert(state[i] == target)
}

inline stop_asking()
{
	pending[i] = false
}

inline set_idle()
{
	state[i] = IDLE
}

/* step: sweep 4, idle */
inline sweep_idle()
{
#ifdef IDLE_TASK
#ifndef BREAK_NO_CPUS_LOCK
	atomic { !cpus_lock -> cpus_lock = true };
#endif
	i = 0;
	if
	:: state[0] == target -> skip
	:: state[0] != target && !online -> atomic { pending[0] = false; state[0] = target }
	:: state[0] != target && online -> try_switch()
	fi;
	cpus_lock = false
#else
	skip
#endif
}

inline sweep()
{
	done = true;
	WALK(try_switch());
#if defined(RT) && !defined(BREAK_NO_STRAGGLER)
	/* step: sweep 3, stragglers */
	if
	:: done ->
		!tasklist_lock;
		WALK(find_straggler())
	:: else -> skip
	fi;
#endif
	sweep_idle();
	i = 0
}

/* ---- redirect.c: the table ---- */

inline redirect_sync()
{
	/* step: sync 1, wait */
#ifndef BREAK_NO_SYNC
	i = 0;
	do
	:: i < TASKS -> atomic { waited_for[i] = pinned[i] }; !waited_for[i]; i++
	:: else -> break
	od;
#endif
	/* step: sync 2, free */
	atomic {
		i = 0;
		do
		:: i < TASKS ->
			assert(!retired_table || holds_table[i] != retired_table);
			assert(!retired[F] || holds_redirect[i] != F + 1);
			assert(!retired[G] || holds_redirect[i] != G + 1);
			i++
		:: else -> break
		od;
		i = 0;
		retired_table = 0;
		retired[F] = false;
		retired[G] = false
	}
}

/* Before another table takes its place: there is room for one that handlers may use. */
inline make_room()
{
	/* step: table 1, one to retire */
	if
	:: retired_table ->
#ifdef BREAK_NO_TABLE_SYNC
		atomic {
			i = 0;
			do
			:: i < TASKS -> assert(holds_table[i] != retired_table); i++
			:: else -> break
			od;
			i = 0;
			retired_table = 0
		}
#else
		redirect_sync()
#endif
	:: else -> skip
	fi
}

/* Functions for which @want_f and @want_g are true appear in a new table. */
inline add_to_table(want_f, want_g)
{
	make_room();
	/* step: table 2, replace */
	atomic {
		in_table[2 * (3 - table) + F] = table && in_table[2 * table + F] || want_f;
		in_table[2 * (3 - table) + G] = table && in_table[2 * table + G] || want_g;
		retired_table = table;
		if
		:: table != 1 -> table = 1
		:: else -> table = 2
		fi
	}
}

/* With no table the first is 1, and 3 - 0 is the scratch of none. */
inline first_table(want_f, want_g)
{
	atomic {
		table = 1;
		in_table[2] = want_f;
		in_table[3] = want_g
	}
}

inline unlink(k)
{
	/* step: unlink 1, function */
	atomic {
		top[k] = false;
		leaving[k] = leaving[k] || !low[k]
	}
}

inline shrink()
{
	/* step: shrink 1, redirects */
	atomic {
		if
		:: leaving[F] -> in_table[2 * table + F] = false; retired[F] = true
		:: else -> skip
		fi;
		if
		:: leaving[G] -> in_table[2 * table + G] = false; retired[G] = true
		:: else -> skip
		fi;
		leaving[F] = false;
		leaving[G] = false
	}
	/* step: shrink 2, table */
	if
	:: table && !in_table[2 * table + F] && !in_table[2 * table + G] ->
		make_room();
		atomic { retired_table = table; table = 0 }
	:: else -> skip
	fi
}

/* ---- transition.c ---- */

inline set_fork_state(to)
{
	/* step: fork state 1, set */
	fork_state = to;
#ifndef BREAK_NO_FORK_WAIT
	/* step: fork state 2, wait */
	!tasklist_lock
#endif
}

inline transition_init(to)
{
	/* step: init 1, target */
	target = to;
	set_fork_state(1 - to);
#ifndef BREAK_FLAGS_FIRST
	/* step: init 2, states */
	FOR_ALL(set_initial());
#endif
	/* step: init 3, flags */
	flag[F] = true;
#ifndef BREAK_NO_FLAG_UNLOADED
	flag[G] = true;
#else
	flag[G] = module_live;
#endif
#ifdef BREAK_FLAGS_FIRST
	FOR_ALL(set_initial());
#endif
}

inline transition_start()
{
	/* step: start 1, ask */
	FOR_ALL(ask_to_switch())
}

inline transition_reverse()
{
	turned = true;
	/* step: reverse 1, target */
	target = 1 - target;
	/* step: reverse 2, index */
	index = target;
#ifndef BREAK_NO_REVERSE_SYNC
	/* step: reverse 3, sync */
	redirect_sync();
#endif
	transition_start()
}

/* step: complete 1, unpatch */
inline unpatch()
{
	unlink(F);
	if
	:: top[G] -> unlink(G)
	:: else -> skip
	fi;
	shrink()
}

/* step: replace 1, old functions; step: replace 2, nops */
inline replace_unpatch()
{
#ifdef BREAK_NOPS_FIRST
	atomic { top[G] = false };
	low[F] = false;
	atomic { low[G] = false; leaving[G] = true };
#else
	low[F] = false;
	low[G] = false;
	unlink(G);
#endif
	shrink()
}

inline settle()
{
#ifdef BREAK_EARLY_IDLE
	set_fork_state(IDLE);
#endif
	/* step: settle 1, stop asking */
	FOR_ALL(stop_asking());
#ifndef BREAK_NO_SETTLE_SYNC
	/* step: settle 2, sync */
	if
	:: target == OLD -> redirect_sync()
	:: else -> skip
	fi;
#endif
	/* step: settle 3, flags */
	flag[F] = false;
	flag[G] = false;
#ifndef BREAK_NO_SETTLE_SYNC
	/* step: settle 4, sync */
	if
	:: target == NEW -> redirect_sync()
	:: else -> skip
	fi;
#endif
#ifndef BREAK_EARLY_IDLE
	/* step: settle 5, fork state */
	set_fork_state(IDLE);
#endif
	/* step: settle 6, no state */
	FOR_ALL(set_idle());
	index = IDLE
}

/* Nobody may be in what is freed, or be about to look at it. */
inline free_patch(version, func_f, func_g)
{
	atomic {
		i = 0;
		do
		:: i < TASKS ->
			assert(!(stack[i] & ON_STACK(version)));
			assert(holds_func[i] != func_f && holds_func[i] != func_g);
			i++
		:: else -> break
		od;
		i = 0
	}
}

/* ---- core.c ---- */

inline complete()
{
	if
	:: target == OLD -> unpatch()
	:: else ->
#ifdef REPLACE
		replace_unpatch()
#else
		skip
#endif
	fi;
	settle();
	/* step: complete 2, free */
	if
	:: target == OLD && !forced -> free_patch(NEW, TOP(F), TOP(G))
	:: else ->
#ifdef REPLACE
		if
		:: !forced -> free_patch(OLD, LOW(F), LOW(G))
		:: else -> skip
		fi
#else
		skip
#endif
	fi;
	/* step: end 1, target */
	is_enabled = target == NEW;
	target = IDLE
}

/* What the module loader, and its notifiers, do meanwhile. */
inline module_goes()
{
	atomic { module_live && !module_users -> module_live = false };
	/* step: going 1, unpatch */
	unlink(G);
	shrink();
	/* step: going 2, sync */
	redirect_sync()
}

inline module_comes()
{
	/* step: coming 1, patch */
	add_to_table(false, true);
	top[G] = true;
	module_live = true;
	moved = true
}

inline advance()
{
	do
	:: atomic { reversals < REVERSE -> reversals++ }; transition_reverse()
#ifdef FORCE
	:: !forced ->
		forced = true;
		/* step: force 1, state */
		FOR_ALL(force_task());
		FOR_ALL(is_forced())
#endif
#ifdef MODULE
	:: !moved && module_live -> module_goes()
	:: !moved && !module_live -> module_comes()
#endif
	:: true ->
		sweep();
		if
		:: done -> break
		:: else -> skip
		fi
	od
}

proctype core()
{
	byte i, reversals;
	bool done, moved, is_enabled;

#ifdef MODULE
	if
	:: module_live = false
	:: true
	fi;
#endif
	transition_init(NEW);
	/* step: add 1, table */
#ifdef REPLACE
	add_to_table(false, false);
#else
	first_table(true, module_live);
#endif
	/* step: add 2, link */
	top[F] = true;
	top[G] = module_live;
#ifdef CANCEL
	if
	:: turned = true;
		/* step: cancel 1, target */
		target = OLD;
		complete();
		goto out
	:: true
	fi;
#endif
	/* step: index 1, make */
	index = NEW;
	transition_start();
	advance();
	complete();

#ifdef DISABLE
	if
	:: is_enabled ->
		turned = true;
		transition_init(OLD);
		index = OLD;
		transition_start();
		advance();
		complete()
	:: else -> skip
	fi;
#endif
#ifdef CANCEL
out:
#endif
	ended = true
}

#ifdef IDLE_TASK
proctype hotplug()
{
end_hotplug:
	do
	:: atomic {
#ifndef BREAK_NO_CPUS_LOCK
		!cpus_lock &&
#endif
		!idle_busy -> online = !online
	   }
	od
}
#endif

init
{
	byte i;

	atomic {
#ifdef REPLACE
		low[F] = true;
		low[G] = true;
		table = 1;
		in_table[2] = true;
		in_table[3] = true;
#endif
		do
		:: i < TASKS ->
			listed[i] = true;
#ifdef FORK
			if
			:: i == CHILD -> listed[i] = false
			:: else -> skip
			fi;
#endif
#ifdef IDLE_TASK
			if
			:: i == 0 -> listed[i] = false
			:: else -> skip
			fi;
#endif
			run task(i);
			i++
		:: else -> break
		od;
		run core();
#ifdef IDLE_TASK
		run hotplug()
#endif
	}
}

#ifdef CLAIM
ltl ends { <> ended }
#endif
