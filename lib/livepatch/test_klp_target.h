/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What test_klp_target shares with the modules that patch or trace it.
 *
 * Livepatches name the functions in strings, as they must for functions that
 * nobody exports; only struct klp_target_halves is needed on both sides.
 */
#ifndef _TEST_KLP_TARGET_H
#define _TEST_KLP_TARGET_H

/*
 * What a function says about itself: KLP_ORIGINAL, or the letter of the
 * livepatch it comes from.  Not a string: that would live in the livepatch and
 * might be gone before the caller has read it.
 */
#define KLP_ORIGINAL	0
#define KLP_MIXED	(-1)

/*
 * Functions that only return a constant tempt the compiler: to answer for them
 * in the caller, or to merge those that return the same.  The assembler
 * sees a comment, the compiler something of unknown effect that is different
 * in each function.
 */
#define klp_distinct(name)	({ asm volatile("# " #name); })

/**
 * struct klp_target_halves - two functions that must change together
 * @first:	called first by klp_target_pair()
 * @second:	called second, after the task slept
 *
 * They are passed by address so that a livepatch's klp_target_pair() calls
 * through the same entry points as the original does.
 */
struct klp_target_halves {
	int (*first)(void);
	int (*second)(void);
};

int klp_target_value(void);
int klp_target_other(void);
int klp_target_aliased(void);
int klp_target_alias(void);
int klp_target_first(void);
int klp_target_second(void);
int klp_target_untraced(void);
int klp_target_pair(const struct klp_target_halves *halves);

/* The homonyms of both source files, one call each. */
int klp_target_twin1(void);
int klp_target_twin2(void);

#endif
