/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the functions of klp_bench_m000 and its copies are called.
 *
 * The list of functions, KLP_BENCH(0) to KLP_BENCH(999), is generated: whoever
 * includes klp_bench_list.h defines what KLP_BENCH() makes of a number.
 */
#ifndef _KLP_BENCH_H
#define _KLP_BENCH_H

#define KLP_BENCH_FUNCTIONS	1000
#define KLP_BENCH_NAME		"klp_bench_%u"
#define KLP_BENCH_MODULE	"klp_bench_m%03u"

#endif
