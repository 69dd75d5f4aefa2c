// SPDX-License-Identifier: GPL-2.0-or-later
/* The livepatch of klptorture_patch.h. */

#define KLPT_VERSION	1
#include "klptorture_patch.h"
