// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp_pass - a livepatch that passes calls on to the original
 *
 * For functions that no test could replace: do_exit(), copy_process().  Each new
 * function counts the call and calls the original behind its call of ftrace, so
 * that it is on the stack for as long as the original runs.  Parameters:
 *
 *   funcs=FUNCTION,...	what to patch in vmlinux; at most six arguments, all in
 *			registers
 *   enable		write 1: enable the livepatch (anew); loading does it, too
 *   hold		1: tasks that exit wait in new functions; 0: release them
 *   alive		1: so do those that do not exit
 *   names		only those whose names begin so (all): kworkers exit, too, when
 *			they please
 *   held		how many do
 *   calls		how often each new function was called, in the order of `funcs`
 */

#include <linux/atomic.h>
#include <linux/ftrace.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/wait.h>

#ifdef CONFIG_PPC64
#include <asm/paca.h>
#endif

#define KLP_MAX_FUNCS 4

static char *funcs[KLP_MAX_FUNCS];
static unsigned int nr_funcs;
module_param_array(funcs, charp, &nr_funcs, 0444);

static bool alive;
module_param(alive, bool, 0444);

static bool hold;
static char names[TASK_COMM_LEN];
module_param_string(names, names, sizeof(names), 0444);

static atomic_t held = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(released);

typedef long (*klp_pass_fn)(long a, long b, long c, long d, long e, long f);

static struct klp_pass {
	klp_pass_fn original;
	atomic_long_t calls;
} passes[KLP_MAX_FUNCS];

#ifdef CONFIG_PPC64
/*
 * Behind its call of ftrace a function has its TOC in r2 already.  Called through
 * a pointer, for the compiler to put this module's back.
 */
long klp_pass_enter(long a, long b, long c, long d, long e, long f,
		    klp_pass_fn original, unsigned long toc);
asm(".pushsection .text, \"ax\", @progbits; .type klp_pass_enter, @function;"
	"klp_pass_enter: mtctr 9; mr 2, 10; bctr;"
	".size klp_pass_enter, . - klp_pass_enter; .popsection");
static typeof(klp_pass_enter) *enter = klp_pass_enter;

static __always_inline long call_original(klp_pass_fn original, long a, long b, long c,
					  long d, long e, long f)
{
	return READ_ONCE(enter)(a, b, c, d, e, f, original, get_paca()->kernel_toc);
}
#else
static __always_inline long call_original(klp_pass_fn original, long a, long b, long c,
					  long d, long e, long f)
{
	return original(a, b, c, d, e, f);
}
#endif

static bool is_held(void)
{
	return READ_ONCE(hold) && (alive || current->flags & PF_EXITING) && preemptible() &&
	       strstarts(current->comm, names);
}

static __always_inline long pass_on(struct klp_pass *pass, long a, long b, long c,
				    long d, long e, long f)
{
	long ret;

	atomic_long_inc(&pass->calls);
	if (is_held()) {
		atomic_inc(&held);
		wait_event_idle(released, !READ_ONCE(hold));
		atomic_dec(&held);
	}
	ret = call_original(pass->original, a, b, c, d, e, f);

	/* What follows a call keeps its frame on the stack. */
	barrier();
	return ret;
}

#define KLP_PASS(n)							\
static noinline long pass_##n(long a, long b, long c, long d, long e, long f) \
{									\
	return pass_on(&passes[n], a, b, c, d, e, f);			\
}

KLP_PASS(0)
KLP_PASS(1)
KLP_PASS(2)
KLP_PASS(3)

static const klp_pass_fn new_funcs[KLP_MAX_FUNCS] = { pass_0, pass_1, pass_2, pass_3 };

static struct klp_func patched_funcs[KLP_MAX_FUNCS + 1];

/* Before anything is redirected, and when it is known where. */
static int find_originals(struct klp_object *obj)
{
	unsigned int i;

	for (i = 0; i < nr_funcs; i++)
		passes[i].original = (klp_pass_fn)(patched_funcs[i].ip + MCOUNT_INSN_SIZE);
	return 0;
}

static struct klp_object objects[] = {
	{
		.funcs = patched_funcs,
		.callbacks.pre_patch = find_originals,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
};

static int enable_set(const char *value, const struct kernel_param *kp)
{
	return klp_enable_patch(&patch);
}

static const struct kernel_param_ops enable_ops = {
	.set = enable_set,
};
module_param_cb(enable, &enable_ops, NULL, 0200);

static int hold_set(const char *value, const struct kernel_param *kp)
{
	int ret = param_set_bool(value, kp);

	wake_up_all(&released);
	return ret;
}

static const struct kernel_param_ops hold_ops = {
	.set = hold_set,
	.get = param_get_bool,
};
module_param_cb(hold, &hold_ops, &hold, 0644);

static int held_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&held));
}

static const struct kernel_param_ops held_ops = {
	.get = held_get,
};
module_param_cb(held, &held_ops, NULL, 0444);

static int calls_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int i;
	int len = 0;

	for (i = 0; i < nr_funcs; i++)
		len += sysfs_emit_at(buffer, len, "%ld ",
				     atomic_long_read(&passes[i].calls));
	buffer[len - 1] = '\n';
	return len;
}

static const struct kernel_param_ops calls_ops = {
	.get = calls_get,
};
module_param_cb(calls, &calls_ops, NULL, 0444);

static int __init test_klp_pass_init(void)
{
	unsigned int i;

	if (!nr_funcs)
		return -EINVAL;
	for (i = 0; i < nr_funcs; i++) {
		patched_funcs[i].old_name = funcs[i];
		patched_funcs[i].new_func = new_funcs[i];
	}
	return klp_enable_patch(&patch);
}

static void __exit test_klp_pass_exit(void)
{
	/* Who is held would sleep on, and return to code that is gone. */
	WARN_ON(atomic_read(&held));
}

module_init(test_klp_pass_init);
module_exit(test_klp_pass_exit);
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: pass calls on");
MODULE_LICENSE("GPL");
