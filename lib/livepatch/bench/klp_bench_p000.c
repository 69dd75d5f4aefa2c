// SPDX-License-Identifier: GPL-2.0
/*
 * klp_bench_p000 - a livepatch of few functions
 *
 * More are had from copies of the file, in which the name is replaced by
 * klp_bench_p001 and so on, wherever it stands.
 */

#include "klp_bench.h"

#define NEW_FUNCTIONS	"klp_bench_few.h"
#include "klp_bench_patch.h"
