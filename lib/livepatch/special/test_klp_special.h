/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What test_klp_special_target, the module that it depends on and its livepatches
 * agree on.
 *
 * The target has a static key, a static call, a tracepoint and functions for each
 * way in which code can be changed while it is there.  Nothing of it is exported.
 * Its function klp_special_call() is told a way and answers KLP_SPECIAL_ORIGINAL;
 * a livepatch replaces it by one that takes the way and tells where it led.
 */
#ifndef _TEST_KLP_SPECIAL_H
#define _TEST_KLP_SPECIAL_H

#include <linux/jump_label.h>
#include <linux/static_call.h>
#include <linux/tracepoint.h>

#define KLP_SPECIAL_ORIGINAL	(-1)

enum klp_special_way {
	/* 1 if the key is enabled, or else 0. */
	KLP_SPECIAL_KEY_FALSE,
	KLP_SPECIAL_KEY_TRUE,
	/* The key of the module that the target depends on. */
	KLP_SPECIAL_KEY_BASE,
	/* What the function says that is called: 1, 2; or 0 if there is none. */
	KLP_SPECIAL_CALL,
	KLP_SPECIAL_CALL_TAIL,
	/* The same of the module that the target depends on. */
	KLP_SPECIAL_CALL_BASE,
	/* How many probes have been called. */
	KLP_SPECIAL_TRACE,
	/* An alternative that is taken, and one that is not: 1 is the right one. */
	KLP_SPECIAL_ALT_TAKEN,
	KLP_SPECIAL_ALT_KEPT,
	/* One that is taken, and calls a function that nothing else calls. */
	KLP_SPECIAL_ALT_OWN,
	/* 1 if a call leads where it has to, on this CPU. */
	KLP_SPECIAL_CALL_SITE,
	KLP_SPECIAL_ALT_MMU,
	KLP_SPECIAL_ALT_FIRMWARE,
	/* What is looked at when the livepatch loads; 1 is right. */
	KLP_SPECIAL_INDIRECT,
	KLP_SPECIAL_LOCK,
	KLP_SPECIAL_FAULT,
	KLP_SPECIAL_BUG,
	KLP_SPECIAL_UNWIND,
	KLP_SPECIAL_RETURN,
	KLP_SPECIAL_SEAL,
	KLP_SPECIAL_BARRIER,
	/* 1 if there is a barrier against speculation, as there has to be if it is on. */
	KLP_SPECIAL_NOSPEC,
	KLP_SPECIAL_OWN_TRACE,
};

/* Exported by the module that the target depends on. */
void klp_special_base(void);

DECLARE_TRACE(klp_special, TP_PROTO(int *hits), TP_ARGS(hits));

#endif /* _TEST_KLP_SPECIAL_H */
