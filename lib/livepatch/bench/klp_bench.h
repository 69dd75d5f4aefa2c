/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the functions of klp_bench_m000 and its copies are called, and what the
 * modules of the benchmark share.
 *
 * The list of functions, KLP_BENCH(0) to KLP_BENCH(999), is generated: whoever
 * includes klp_bench_list.h defines what KLP_BENCH() makes of a number.
 */
#ifndef _KLP_BENCH_H
#define _KLP_BENCH_H

#include <linux/cpumask.h>
#include <linux/tick.h>
#include <linux/time64.h>
#include <linux/types.h>

#define KLP_BENCH_FUNCTIONS	1000
#define KLP_BENCH_NAME		"klp_bench_%u"
#define KLP_BENCH_MODULE	"klp_bench_m%03u"

/* As jiffies_to_msecs(), the one of vmlinux that is patched too. */
typedef unsigned int klp_bench_fn(const unsigned long j);

/* For how long all CPUs together have been idle, in nanoseconds. */
static inline u64 klp_bench_idle_time(void)
{
	unsigned int cpu;
	u64 us = 0;

	for_each_online_cpu(cpu)
		us += get_cpu_idle_time_us(cpu, NULL);
	return us * NSEC_PER_USEC;
}

#endif
