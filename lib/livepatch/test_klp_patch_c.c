// SPDX-License-Identifier: GPL-2.0
/* The livepatch of test_klp_patch.h, with a name and a letter of its own. */

#define KLP_PATCH_LETTER	'c'
#include "test_klp_patch.h"
