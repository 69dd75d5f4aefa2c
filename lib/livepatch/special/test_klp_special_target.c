// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_klp_special_target - static keys, static calls, a tracepoint, and functions
 *
 * See test_klp_special.h.  Parameters, which may be given when it is loaded:
 *
 *   set_false, set_true	states of the two keys
 *   set_call			which function the static call calls, 0 for none
 *   set_probes			how many probes the tracepoint has, up to 2
 *
 * And one for each way: reading it calls klp_special_call(); "original" while the
 * module is not patched.
 */

#include <linux/module.h>
#include <linux/sysfs.h>
#include "test_klp_special.h"

static DEFINE_STATIC_KEY_FALSE(klp_special_false);
static DEFINE_STATIC_KEY_TRUE(klp_special_true);
/* For the livepatch that must not use it. */
static __used DEFINE_STATIC_KEY_FALSE_RO(klp_special_sealed);

/* Written to by the livepatch. */
static __used long klp_special_counter;

static int klp_special_one(int *where)
{
	*where = 1;
	return 1;
}

static int klp_special_two(int *where)
{
	*where = 2;
	return 2;
}

DEFINE_STATIC_CALL(klp_special_sc, klp_special_one);
DEFINE_TRACE(klp_special, TP_PROTO(int *hits), TP_ARGS(hits));

/* These are called by nobody but the livepatch. */
static __used noinline __noclone int klp_special_wrong(void)
{
	barrier();
	return 0;
}

static __used noinline __noclone int klp_special_right(void)
{
	barrier();
	return 1;
}

static int set_key(const char *value, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(value, &on);

	if (err)
		return err;
	if (on)
		static_key_enable(kp->arg);
	else
		static_key_disable(kp->arg);
	return 0;
}

static const struct kernel_param_ops key_ops = { .set = set_key };
module_param_cb(set_false, &key_ops, &klp_special_false.key, 0200);
module_param_cb(set_true, &key_ops, &klp_special_true.key, 0200);

static int set_call(const char *value, const struct kernel_param *kp)
{
	switch (*value) {
	case '0':
		static_call_update(klp_special_sc, NULL);
		return 0;
	case '1':
		static_call_update(klp_special_sc, klp_special_one);
		return 0;
	case '2':
		static_call_update(klp_special_sc, klp_special_two);
		return 0;
	default:
		return -EINVAL;
	}
}

static const struct kernel_param_ops call_ops = { .set = set_call };
module_param_cb(set_call, &call_ops, NULL, 0200);

static void probe(void *data, int *hits)
{
	++*hits;
}

/* Told apart by the second argument. */
static int probes[2];
static unsigned int nr_probes;

static int set_probes(const char *value, const struct kernel_param *kp)
{
	unsigned int nr;
	int err = kstrtouint(value, 0, &nr);

	if (err || nr > ARRAY_SIZE(probes))
		return err ?: -EINVAL;
	while (!err && nr_probes < nr) {
		err = register_trace_klp_special(probe, &probes[nr_probes]);
		nr_probes += !err;
	}
	while (nr_probes > nr)
		unregister_trace_klp_special(probe, &probes[--nr_probes]);
	return err;
}

static const struct kernel_param_ops probes_ops = { .set = set_probes };
module_param_cb(set_probes, &probes_ops, NULL, 0200);

static noinline __noclone int klp_special_call(enum klp_special_way way)
{
	barrier();
	return KLP_SPECIAL_ORIGINAL;
}

static int call_get(char *buffer, const struct kernel_param *kp)
{
	int value = klp_special_call((unsigned long)kp->arg);

	if (value == KLP_SPECIAL_ORIGINAL)
		return sysfs_emit(buffer, "original\n");
	return sysfs_emit(buffer, "%d\n", value);
}

static const struct kernel_param_ops way_ops = { .get = call_get };

#define WAY(_name, _way)						\
	module_param_cb(_name, &way_ops, (void *)KLP_SPECIAL_ ## _way, 0444)

WAY(key_false, KEY_FALSE);
WAY(key_true, KEY_TRUE);
WAY(key_base, KEY_BASE);
WAY(call, CALL);
WAY(call_tail, CALL_TAIL);
WAY(call_base, CALL_BASE);
WAY(trace, TRACE);
WAY(alt_taken, ALT_TAKEN);
WAY(alt_kept, ALT_KEPT);
#ifdef CONFIG_X86_64
WAY(alt_own, ALT_OWN);
WAY(call_site, CALL_SITE);
#else
WAY(alt_mmu, ALT_MMU);
WAY(alt_firmware, ALT_FIRMWARE);
#endif
WAY(indirect, INDIRECT);
WAY(lock, LOCK);
WAY(fault, FAULT);
WAY(bug, BUG);
WAY(unwind, UNWIND);
#ifdef CONFIG_X86_64
WAY(return, RETURN);
WAY(seal, SEAL);
#else
WAY(barrier, BARRIER);
WAY(nospec, NOSPEC);
#endif
WAY(own_trace, OWN_TRACE);

static int __init test_klp_special_target_init(void)
{
	klp_special_base();
	return 0;
}

static void __exit test_klp_special_target_exit(void)
{
	while (nr_probes)
		unregister_trace_klp_special(probe, &probes[--nr_probes]);
	tracepoint_synchronize_unregister();
}

module_init(test_klp_special_target_init);
module_exit(test_klp_special_target_exit);
MODULE_DESCRIPTION("Livepatch test: what a livepatch's special sections may refer to");
MODULE_LICENSE("GPL");
