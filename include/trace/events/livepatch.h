/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What live patching does, and what it waits for.
 * The fields are described in Documentation/livepatch/tracepoints.rst.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM livepatch

#if !defined(_TRACE_LIVEPATCH_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_LIVEPATCH_H

#include <linux/livepatch.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

#ifndef _TRACE_LIVEPATCH_ENUMS
#define _TRACE_LIVEPATCH_ENUMS
#define klp_show_state(state)						\
	__print_symbolic(state,						\
		{ KLP_TRANSITION_IDLE,		"idle" },		\
		{ KLP_TRANSITION_UNPATCHED,	"unpatched" },		\
		{ KLP_TRANSITION_PATCHED,	"patched" })

/* The values of enum klp_block_reason. */
#define klp_show_reason(reason)						\
	__print_symbolic(reason,					\
		{ 1, "on_stack" },					\
		{ 2, "unreliable" },					\
		{ 3, "running" },					\
		{ 4, "exiting" })
#endif

DECLARE_EVENT_CLASS(klp_transition,

	TP_PROTO(const struct klp_patch *patch, int target),

	TP_ARGS(patch, target),

	TP_STRUCT__entry(
		__string(patch, patch->mod->name)
		__field(int, target)
	),

	TP_fast_assign(
		__assign_str(patch);
		__entry->target = target;
	),

	TP_printk("patch=%s target=%s", __get_str(patch), klp_show_state(__entry->target))
);

/* Tasks are asked to switch to @target. */
DEFINE_EVENT(klp_transition, klp_transition_start,
	TP_PROTO(const struct klp_patch *patch, int target),
	TP_ARGS(patch, target));

/* Every task has switched to @target. */
DEFINE_EVENT(klp_transition, klp_transition_complete,
	TP_PROTO(const struct klp_patch *patch, int target),
	TP_ARGS(patch, target));

/* The transition turns round and now leads to @target. */
DEFINE_EVENT(klp_transition, klp_transition_reverse,
	TP_PROTO(const struct klp_patch *patch, int target),
	TP_ARGS(patch, target));

TRACE_EVENT(klp_task_switch,

	TP_PROTO(const struct task_struct *task, int state),

	TP_ARGS(task, state),

	TP_STRUCT__entry(
		__array(char, comm, TASK_COMM_LEN)
		__field(pid_t, pid)
		__field(int, state)
	),

	TP_fast_assign(
		memcpy(__entry->comm, task->comm, TASK_COMM_LEN);
		__entry->pid = READ_ONCE(task->pid);
		__entry->state = state;
	),

	TP_printk("comm=%s pid=%d state=%s", __entry->comm, __entry->pid,
		  klp_show_state(__entry->state))
);

TRACE_EVENT(klp_task_blocked,

	TP_PROTO(const struct task_struct *task, int reason, unsigned long addr),

	TP_ARGS(task, reason, addr),

	TP_STRUCT__entry(
		__array(char, comm, TASK_COMM_LEN)
		__field(pid_t, pid)
		__field(int, reason)
		__field(unsigned long, addr)
	),

	TP_fast_assign(
		memcpy(__entry->comm, task->comm, TASK_COMM_LEN);
		__entry->pid = READ_ONCE(task->pid);
		__entry->reason = reason;
		__entry->addr = addr;
	),

	TP_printk("comm=%s pid=%d reason=%s function=%pS", __entry->comm, __entry->pid,
		  klp_show_reason(__entry->reason), (void *)__entry->addr)
);

DECLARE_EVENT_CLASS(klp_func,

	TP_PROTO(const struct klp_object *obj, const struct klp_func *func),

	TP_ARGS(obj, func),

	TP_STRUCT__entry(
		__string(object, obj->name ?: "vmlinux")
		__string(function, func->old_name)
		__field(const void *, old_func)
		__field(const void *, new_func)
	),

	TP_fast_assign(
		__assign_str(object);
		__assign_str(function);
		__entry->old_func = func->old_func;
		__entry->new_func = func->new_func;
	),

	TP_printk("object=%s function=%s old=%pS new=%pS", __get_str(object),
		  __get_str(function), __entry->old_func, __entry->new_func)
);

/* Calls of the function are redirected. */
DEFINE_EVENT(klp_func, klp_func_patch,
	TP_PROTO(const struct klp_object *obj, const struct klp_func *func),
	TP_ARGS(obj, func));

/* Calls of the function are not redirected to this replacement any more. */
DEFINE_EVENT(klp_func, klp_func_unpatch,
	TP_PROTO(const struct klp_object *obj, const struct klp_func *func),
	TP_ARGS(obj, func));

DECLARE_EVENT_CLASS(klp_object,

	TP_PROTO(const struct klp_patch *patch, const struct klp_object *obj),

	TP_ARGS(patch, obj),

	TP_STRUCT__entry(
		__string(patch, patch->mod->name)
		__string(object, obj->name ?: "vmlinux")
	),

	TP_fast_assign(
		__assign_str(patch);
		__assign_str(object);
	),

	TP_printk("patch=%s object=%s", __get_str(patch), __get_str(object))
);

/* The object is bound to its target. */
DEFINE_EVENT(klp_object, klp_object_load,
	TP_PROTO(const struct klp_patch *patch, const struct klp_object *obj),
	TP_ARGS(patch, obj));

/* The object is bound to its target no longer. */
DEFINE_EVENT(klp_object, klp_object_unload,
	TP_PROTO(const struct klp_patch *patch, const struct klp_object *obj),
	TP_ARGS(patch, obj));

#endif /* _TRACE_LIVEPATCH_H */

#include <trace/define_trace.h>
