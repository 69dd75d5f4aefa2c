// SPDX-License-Identifier: GPL-2.0-or-later
/* The livepatch of test_klp_special_patch.h, once more. */

#define KLP_SPECIAL_ADD		10
#include "test_klp_special_patch.h"
