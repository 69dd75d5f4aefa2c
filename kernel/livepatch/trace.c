// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tracepoints of <trace/events/livepatch.h>.
 */
#include <linux/livepatch.h>
#include "internal.h"

#define CREATE_TRACE_POINTS
#include <trace/events/livepatch.h>
