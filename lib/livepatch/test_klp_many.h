/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the functions of test_klp_many answer, the original and the new ones.
 *
 * The list of functions, KLP_MANY(0) to KLP_MANY(999), is generated: whoever
 * includes test_klp_many_list.h defines what KLP_MANY() makes of a number.
 */
#ifndef _TEST_KLP_MANY_H
#define _TEST_KLP_MANY_H

#define KLP_MANY_FUNCTIONS	1000

/*
 * A function says who it is and whose it is, so that one wrong redirection
 * among a thousand right ones is seen.
 */
#define KLP_MANY_RESULT(index, version)	((version) << 16 | (index))
#define KLP_MANY_INDEX(result)		((result) & 0xffff)
#define KLP_MANY_VERSION(result)	((result) >> 16)

#endif
