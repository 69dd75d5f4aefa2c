/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways to be broken: an enumeration and a list of names, see busted.h.  The
 * torture test's script reads the names from here as well.
 */

/* No stack keeps a task from switching */
KLP_BUSTED(no_stack_check),
/* Cold parts are not looked for */
KLP_BUSTED(no_cold),
/* What the unwinder cannot walk is clean */
KLP_BUSTED(unreliable_is_fine),
/* Stack_only functions are not looked for */
KLP_BUSTED(stack_only_ignored),
/* The original is looked for, not the replaced version */
KLP_BUSTED(index_of_original),
/* The handler does not ask for the task's state */
KLP_BUSTED(handler_stateless),
/* A new task has no state */
KLP_BUSTED(fork_forgets),
/* Tasks that exit are not waited for */
KLP_BUSTED(exiting_forgotten),
/* A transition is complete after one sweep */
KLP_BUSTED(one_sweep),
/* Turning back looks for the code of the way there */
KLP_BUSTED(reverse_same_index),
/* Atomic replace gives functions back at once */
KLP_BUSTED(no_nops),
/* Tables and redirects are freed while handlers may look at them */
KLP_BUSTED(freed_at_once),
/* Redirects are freed and stay in the table */
KLP_BUSTED(table_not_cleared),
/* A module that goes is not unpatched */
KLP_BUSTED(going_stays_patched),
/* Relocations stay when a module goes */
KLP_BUSTED(relocs_not_cleared),
/* Keys and calls of a module that goes still know of the new code that uses them */
KLP_BUSTED(special_stays),
/* Functions jump to the newest version during a transition, too */
KLP_BUSTED(jump_stays),
/* Post-unpatch callbacks are not called */
KLP_BUSTED(no_post_unpatch),
/* A livepatch that is disabled keeps its module */
KLP_BUSTED(module_kept),
