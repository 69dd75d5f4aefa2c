// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Find inlined functions with libdw, see inlined.h
 */
#include "inlined.h"

#ifdef HAVE_LIBDW

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <string.h>

#include "util.h"

struct search {
	const char *const *names;
	size_t nr_names;
	const char *unit;
	struct inlined **found;
	size_t *nr;
};

static const char *wanted(const struct search *search, const char *name)
{
	for (size_t i = 0; name && i < search->nr_names; i++)
		if (!strcmp(search->names[i], name))
			return search->names[i];
	return NULL;
}

/* Everything below @die that is code of the function @caller. */
static void walk(struct search *search, Dwarf_Die *parent, const char *caller)
{
	Dwarf_Die die;

	if (dwarf_child(parent, &die))
		return;
	do {
		const char *inside = caller;
		struct inlined new = { 0 };

		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			/* Only where there is code, not where it is described. */
			if (!dwarf_hasattr(&die, DW_AT_low_pc) &&
			    !dwarf_hasattr(&die, DW_AT_ranges))
				continue;
			inside = dwarf_diename(&die);
			break;
		case DW_TAG_inlined_subroutine:
			new.name = wanted(search, dwarf_diename(&die));
			if (new.name && caller && strcmp(new.name, caller)) {
				new.caller = xstrdup(caller);
				new.unit = search->unit;
				push(*search->found, *search->nr, new);
			}
			break;
		case DW_TAG_lexical_block:
			break;
		default:
			continue;
		}
		walk(search, &die, inside);
	} while (!dwarf_siblingof(&die, &die));
}

static bool walk_units(struct search *search, Dwfl *dwfl)
{
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;
	bool any = false;

	while ((unit = dwfl_nextcu(dwfl, unit, &bias))) {
		any = true;
		search->unit = xstrdup(dwarf_diename(unit) ?: "?");
		walk(search, unit, NULL);
	}
	return any;
}

/**
 * inlined_find() - find the copies of functions in others
 * @path: vmlinux or a module
 * @names: the functions
 * @nr_names: their number
 * @found: array that grows
 * @nr: number of its elements
 *
 * Return: NULL, or why that cannot be told.
 */
const char *inlined_find(const char *path, const char *const *names,
			 size_t nr_names, struct inlined **found, size_t *nr)
{
	static const Dwfl_Callbacks callbacks = {
		.section_address = dwfl_offline_section_address,
		.find_debuginfo = dwfl_standard_find_debuginfo,
	};
	struct search search = {
		.names = names, .nr_names = nr_names, .found = found, .nr = nr,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);
	bool any;

	if (!dwfl || !dwfl_report_offline(dwfl, "", path, -1) ||
	    dwfl_report_end(dwfl, NULL, NULL))
		return dwfl_errmsg(-1);
	any = walk_units(&search, dwfl);
	dwfl_end(dwfl);
	return any ? NULL : "has no debugging information";
}

#else /* !HAVE_LIBDW */

/* As above, for those who build without libdw. */
const char *inlined_find(const char *path, const char *const *names,
			 size_t nr_names, struct inlined **found, size_t *nr)
{
	(void)path;
	(void)names;
	(void)nr_names;
	(void)found;
	(void)nr;
	return "klp-convert was built without libdw";
}

#endif /* HAVE_LIBDW */
