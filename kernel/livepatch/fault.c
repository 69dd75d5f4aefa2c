// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which calls tests may let fail, beside allocations: CONFIG_FAIL_FUNCTION makes
 * such a function return an error instead of being run.
 *
 * Listed are those that can fail for another reason than memory, and whose
 * contract is that after an error they have done nothing.  Their callers have to
 * undo what they have done before; that is what is tested.
 */
#include <linux/error-injection.h>
#include "internal.h"

ALLOW_ERROR_INJECTION(klp_check_elf, ERRNO);
ALLOW_ERROR_INJECTION(klp_apply_section_relocs, ERRNO);
ALLOW_ERROR_INJECTION(klp_object_check, ERRNO);
ALLOW_ERROR_INJECTION(klp_replace_add_nops, ERRNO);
ALLOW_ERROR_INJECTION(klp_sysfs_add_patch, ERRNO);
ALLOW_ERROR_INJECTION(klp_sysfs_add_object, ERRNO);
ALLOW_ERROR_INJECTION(klp_sysfs_add_func, ERRNO);
ALLOW_ERROR_INJECTION(klp_stall_add_file, ERRNO);
ALLOW_ERROR_INJECTION(klp_object_load, ERRNO);
ALLOW_ERROR_INJECTION(klp_relocs_check_objects, ERRNO);
ALLOW_ERROR_INJECTION(klp_relocs_apply, ERRNO);
ALLOW_ERROR_INJECTION(klp_special_add, ERRNO);
ALLOW_ERROR_INJECTION(klp_symbols_find, ERRNO);
ALLOW_ERROR_INJECTION(klp_symbols_cold, ERRNO);
ALLOW_ERROR_INJECTION(klp_pre_patch_callback, ERRNO);
ALLOW_ERROR_INJECTION(klp_objects_patch, ERRNO);
ALLOW_ERROR_INJECTION(klp_redirect_add, ERRNO);
ALLOW_ERROR_INJECTION(klp_transition_index, ERRNO);
ALLOW_ERROR_INJECTION(klp_transition_reverse, ERRNO);
