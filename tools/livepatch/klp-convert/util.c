// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages and memory of klp-convert, see util.h
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

unsigned int complaints;
bool cautions_count;

/* The output that is being written: its name, and the one it has until then. */
static const char *output_path;
static char *output_tmp;

static void output_remove(void)
{
	if (output_tmp)
		unlink(output_tmp);
}

/**
 * output_open() - begin to write a file
 * @path: its name when it is done
 *
 * One at a time.  The program's end removes a file that is not done.
 *
 * Return: a file descriptor, for the caller to close; ends the program if the
 * file cannot be made.
 */
int output_open(const char *path)
{
	char *tmp = xasprintf("%s.XXXXXX", path);
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	fd = mkstemp(tmp);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	output_path = path;
	output_tmp = tmp;
	atexit(output_remove);
	/* mkstemp() makes it private; the result is for everyone. */
	if (fchmod(fd, 0666 & ~mask))
		die("%s: %s", path, strerror(errno));
	return fd;
}

/**
 * output_done() - give the file that output_open() began its name
 */
void output_done(void)
{
	if (rename(output_tmp, output_path))
		die("%s: %s", output_path, strerror(errno));
	output_tmp = NULL;
}

/**
 * xalloc() - zeroed memory for an array
 * @nr: number of elements, may be 0
 * @size: size of an element in bytes
 *
 * Return: the memory; ends the program if there is none.
 */
void *xalloc(size_t nr, size_t size)
{
	void *p = calloc(nr ? nr : 1, size);

	if (!p)
		die("out of memory");
	return p;
}

/**
 * grown() - make room for one more element, see push()
 * @array: the array so far, NULL when @nr is 0
 * @nr: elements in use
 * @size: size of an element in bytes
 *
 * The room doubles when @nr reaches a power of two.
 *
 * Return: the array, perhaps moved, with room for @nr + 1 elements.
 */
void *grown(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	if (nr > SIZE_MAX / 2 / size)
		die("out of memory");
	array = realloc(array, (nr ? nr * 2 : 1) * size);
	if (!array)
		die("out of memory");
	return array;
}
