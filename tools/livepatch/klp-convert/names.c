// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Take livepatch names apart, see names.h
 *
 * Each parser returns NULL, or what is wrong with the name in words that follow
 * "NAME: ".
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "util.h"

static const char *new_name(const char *s, size_t len)
{
	char *name = xalloc(len + 1, 1);

	memcpy(name, s, len);
	return name;
}

/* An object and the dot after it; moves *s behind them. */
static const char *take_object(const char **s, const char **object)
{
	size_t len = strcspn(*s, ".");

	if (!len)
		return "names no object";
	if (len >= MODULE_NAME_LEN)
		return "the object's name is too long";
	if ((*s)[len] != '.')
		return "ends after the object";
	*object = new_name(*s, len);
	*s += len + 1;
	return NULL;
}

static const char *take_symbol(const char *s, struct klp_ref *ref)
{
	const char *comma = strchr(s, ',');
	char *end;

	if (!comma)
		return "has no position";
	if (comma == s)
		return "names no symbol";
	if (comma - s >= KSYM_NAME_LEN)
		return "the symbol's name is too long";
	if (!isdigit((unsigned char)comma[1]))
		return "the position is not a number";
	errno = 0;
	ref->pos = strtoul(comma + 1, &end, 10);
	if (*end)
		return "the position is not a number";
	if (errno)
		return "the position is too large";
	ref->name = new_name(s, comma - s);
	return NULL;
}

/**
 * klp_parse_symbol() - take ".klp.sym.OBJECT.NAME,POSITION" apart
 * @s: a name with that prefix
 * @ref: where to; lp_obj is left alone
 *
 * Return: NULL, or what is wrong.
 */
const char *klp_parse_symbol(const char *s, struct klp_ref *ref)
{
	const char *wrong;

	s += strlen(KLP_SYM_PREFIX);
	wrong = take_object(&s, &ref->sym_obj);
	return wrong ? wrong : take_symbol(s, ref);
}

/**
 * klp_parse_declared() - take the name that KLP_RELOC_SYMBOL() makes apart
 * @s: a name with KLP_DECLARED_PREFIX
 * @ref: where to
 *
 * Return: NULL, or what is wrong.
 */
const char *klp_parse_declared(const char *s, struct klp_ref *ref)
{
	const char *wrong;

	s += strlen(KLP_DECLARED_PREFIX);
	wrong = take_object(&s, &ref->lp_obj);
	if (!wrong)
		wrong = take_object(&s, &ref->sym_obj);
	return wrong ? wrong : take_symbol(s, ref);
}

/**
 * klp_parse_rela() - the object in ".klp.rela.OBJECT.SECTION"
 * @s: a name with that prefix
 * @object: where to
 *
 * Return: NULL, or what is wrong.
 */
const char *klp_parse_rela(const char *s, const char **object)
{
	const char *wrong;

	s += strlen(KLP_RELA_PREFIX);
	wrong = take_object(&s, object);
	if (!wrong && !*s)
		wrong = "names no section";
	return wrong;
}

/**
 * klp_parse_arch() - the object and the section in ".klp.arch.OBJECT.SECTION"
 * @s: a name with that prefix
 * @object: where to
 * @section: where to
 *
 * Return: NULL, or what is wrong.
 */
const char *klp_parse_arch(const char *s, const char **object,
			   const char **section)
{
	const char *wrong;

	s += strlen(KLP_ARCH_PREFIX);
	wrong = take_object(&s, object);
	if (!wrong && !*s)
		wrong = "names no section";
	*section = s;
	return wrong;
}

/**
 * klp_parse_object() - check a name that is nothing but an object
 * @s: the name
 * @object: where to
 *
 * Return: NULL, or what is wrong.
 */
const char *klp_parse_object(const char *s, const char **object)
{
	if (!*s)
		return "names no object";
	if (strlen(s) >= MODULE_NAME_LEN)
		return "is too long for a module";
	for (const char *c = s; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			return "is not a module's name";
	*object = xstrdup(s);
	return NULL;
}

/**
 * klp_object_of() - what the object in a file is called
 * @path: path of the file
 *
 * Return: the name as the kernel spells it.
 */
const char *klp_object_of(const char *path)
{
	const char *base = strrchr(path, '/');
	size_t len;
	char *name;

	base = base ? base + 1 : path;
	len = strcspn(base, ".");
	name = xalloc(len + 1, 1);
	for (size_t i = 0; i < len; i++)
		name[i] = base[i] == '-' ? '_' : base[i];
	return name;
}

/**
 * klp_is_vmlinux() - is it the kernel itself, which is always there?
 * @object: an object's name
 *
 * Return: true for "vmlinux".
 */
bool klp_is_vmlinux(const char *object)
{
	return !strcmp(object, "vmlinux");
}
