// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parsers of names in kernel/livepatch/{reloc,special}.c, for libFuzzer.  They are
 * compiled from there, see run.sh.  Every name is of just its length, so that reading
 * on is noticed; and what was accepted can be put together again.
 *
 * One more parser is one more function that is called in LLVMFuzzerTestOneInput(), and
 * one more name in run.sh.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the parsers use of the kernel. */
#define MODULE_NAME_LEN	(64 - sizeof(unsigned long))
#define KSYM_NAME_LEN	512

static bool strstarts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* Of what the kernel's does: the caller has seen to it that there are digits only. */
static int kstrtoul(const char *s, unsigned int base, unsigned long *value)
{
	errno = 0;
	*value = strtoul(s, NULL, base);
	return !*s || errno ? -EINVAL : 0;
}

#include "parsers.h"

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static bool is_part(const char *part, size_t size, char end)
{
	size_t len = strnlen(part, size);

	return len && len < size && !memchr(part, end, len);
}

static void parse_section(const char *name)
{
	char *object = malloc(MODULE_NAME_LEN);
	char prefix[16 + MODULE_NAME_LEN];

	if (!klp_parse_reloc_section(name, object)) {
		check(is_part(object, MODULE_NAME_LEN, '.'), "not an object");
		snprintf(prefix, sizeof(prefix), ".klp.rela.%s.", object);
		check(strstarts(name, prefix) && strlen(name) > strlen(prefix),
		      "not the section's object");
	}
	free(object);
}

static void parse_special(const char *name)
{
	char *object = malloc(MODULE_NAME_LEN);
	const char *section = klp_parse_special_section(name, object);
	char again[16 + MODULE_NAME_LEN];

	if (section) {
		check(is_part(object, MODULE_NAME_LEN, '.'), "not an object");
		snprintf(again, sizeof(again), ".klp.arch.%s.", object);
		check(strstarts(name, again), "not the section's object");
		check(*section && section == name + strlen(again), "not the section's name");
	}
	free(object);
}

static void parse_symbol(const char *name)
{
	struct klp_reloc_name *parsed = malloc(sizeof(*parsed));
	char again[16 + MODULE_NAME_LEN + KSYM_NAME_LEN];
	const char *position;

	if (!klp_parse_reloc_symbol(name, parsed)) {
		check(is_part(parsed->object, sizeof(parsed->object), '.'), "not an object");
		check(is_part(parsed->name, sizeof(parsed->name), ','), "not a name");
		snprintf(again, sizeof(again), ".klp.sym.%s.%s,", parsed->object, parsed->name);
		check(strstarts(name, again), "not the symbol's parts");
		position = name + strlen(again);
		check(*position && !position[strspn(position, "0123456789")] &&
		      strtoul(position, NULL, 10) == parsed->sympos, "not the position");
	}
	free(parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1);

	memcpy(name, data, size);
	name[size] = '\0';
	parse_section(name);
	parse_special(name);
	parse_symbol(name);
	free(name);
	return 0;
}
