/* SPDX-License-Identifier: GPL-2.0 */
/* As klp_bench_list.h, but short: for livepatches of which many are loaded. */
KLP_BENCH(0)
KLP_BENCH(1)
