// SPDX-License-Identifier: GPL-2.0
/* klp_bench_patch - a livepatch of a thousand functions, or more or less. */

#include "klp_bench.h"

#define NEW_FUNCTIONS	"klp_bench_list.h"
#include "klp_bench_patch.h"
