/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of all kinds, to test that a livepatch disturbs none of them.
 *
 * test_klp_abi_target has the functions; test_klp_abi_user calls some of them from
 * another module; test_klp_abi_a and test_klp_abi_b are livepatches of them.  Each
 * function adds KLP_ABI_ORIGINAL, and each new one KLP_ABI_NEW, to what its arguments
 * give, so a result tells how often which of them ran, and whether the arguments
 * have arrived.
 */
#ifndef _TEST_KLP_ABI_H
#define _TEST_KLP_ABI_H

#include <linux/completion.h>
#include <linux/stdarg.h>

#define KLP_ABI_ORIGINAL	1
#define KLP_ABI_NEW		10000

struct klp_abi_small {
	long a, b;
};

struct klp_abi_big {
	long values[6];
};

/* The originals' addresses, for a livepatch to call back: it cannot link to them. */
struct klp_abi_calls {
	long (*up)(const struct klp_abi_calls *calls, long n);
	long (*down)(const struct klp_abi_calls *calls, long n);
};

long klp_abi_add(long n);
long klp_abi_leaf(long n);
long klp_abi_many(long a, long b, long c, long d, long e, long f, long g, long h,
		  long i, long j, long k, long l);
long klp_abi_sum(int count, ...);
struct klp_abi_small klp_abi_small(long n);
struct klp_abi_big klp_abi_big(long n);
long klp_abi_up(const struct klp_abi_calls *calls, long n);
long klp_abi_down(const struct klp_abi_calls *calls, long n);
long klp_abi_leave(struct completion *left);

/* Different weights: no two arguments can be mistaken for each other. */
static __always_inline long klp_abi_weigh(long a, long b, long c, long d, long e, long f,
					  long g, long h, long i, long j, long k, long l)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f +
	       7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l;
}

static __always_inline long klp_abi_vsum(int count, va_list args)
{
	long sum = 0;
	int i;

	for (i = 1; i <= count; i++)
		sum += i * va_arg(args, long);
	return sum;
}

/* What a called function must leave to its caller, besides what any compiler knows. */
static __always_inline unsigned long klp_abi_toc(void)
{
	unsigned long toc = 0;

#ifdef CONFIG_PPC64
	asm volatile("mr %0, 2" : "=r" (toc));
#endif
	return toc;
}

/* The result of a call; -EIO goes to *@err if the caller finds itself with another TOC. */
#define klp_abi_call(err, call)						\
({									\
	unsigned long __toc = klp_abi_toc();				\
	typeof(call) __ret = (call);					\
									\
	if (klp_abi_toc() != __toc)					\
		*(err) = -EIO;						\
	__ret;								\
})

#endif
