/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ways to break the core on purpose, to see that the torture test notices.
 *
 * Each way is one condition somewhere in the core.  "livepatch.busted=NAME" on
 * the kernel's command line chooses one, in kernels with CONFIG_LIVEPATCH_BUSTED;
 * in all others klp_busted() is constantly false and nothing is left of it.
 */
#ifndef _KERNEL_LIVEPATCH_BUSTED_H
#define _KERNEL_LIVEPATCH_BUSTED_H

#include <linux/types.h>
#include <asm/processor.h>

#define KLP_BUSTED(name) KLP_BUSTED_##name

/* A way to be broken, see busted_variants.h. */
enum klp_busted_variant {
	KLP_BUSTED_none,
#include "busted_variants.h"
};

#undef KLP_BUSTED

#ifdef CONFIG_LIVEPATCH_BUSTED
extern enum klp_busted_variant klp_busted_variant;
#endif

/**
 * klp_busted() - shall this go wrong?
 * @name:	one of busted_variants.h
 *
 * Context: Any.
 * Return: true if the kernel was booted to be broken in this way.
 */
#ifdef CONFIG_LIVEPATCH_BUSTED
#define klp_busted(name) (klp_busted_variant == KLP_BUSTED_##name)
#else
#define klp_busted(name) (KLP_BUSTED_##name == KLP_BUSTED_none)
#endif

/*
 * Where it takes more than a few instructions for others to get in between, let them.
 * An emulator of CPUs that take turns gives the next one its turn here.
 */
#define klp_busted_pause(name)				\
	do {						\
		int i = klp_busted(name) ? 100 : 0;	\
							\
		while (i--)				\
			cpu_relax();			\
	} while (0)

#endif /* _KERNEL_LIVEPATCH_BUSTED_H */
