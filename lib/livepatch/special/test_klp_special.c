// SPDX-License-Identifier: GPL-2.0-or-later
/* The livepatch of test_klp_special_patch.h. */

#define KLP_SPECIAL_ADD		0
#include "test_klp_special_patch.h"
