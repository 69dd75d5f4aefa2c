// SPDX-License-Identifier: GPL-2.0-or-later
/* The livepatch of test_klp_reloc_patch.h, once more. */

#define KLP_RELOC_ADD		10000
#include "test_klp_reloc_patch.h"
