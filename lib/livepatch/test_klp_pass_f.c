// SPDX-License-Identifier: GPL-2.0
/* The livepatch of test_klp_pass, for who pins it. */

#include "test_klp_pass.c"
