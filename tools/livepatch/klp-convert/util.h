/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages and memory of klp-convert
 *
 * A message is one line that begins with the file it is about.  What makes
 * going on pointless ends the program at once: die().  What an author can mend
 * is counted by complain(), so that one run shows all of it; whoever writes
 * output looks at the count first.  caution() warns of what may be all right;
 * with --Werror it complains.
 *
 * A file appears under its name when it is complete, or not at all:
 * output_open(), output_done().
 *
 * Memory is not freed: the program handles one module and ends.
 */
#ifndef KLP_CONVERT_UTIL_H
#define KLP_CONVERT_UTIL_H

#include <err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

extern unsigned int complaints;

#define die(...)	errx(1, __VA_ARGS__)
extern bool cautions_count;

#define complain(...)	do { complaints++; warnx(__VA_ARGS__); } while (0)
#define caution(format, ...) do {					\
	complaints += cautions_count;					\
	warnx("warning: " format, ##__VA_ARGS__);			\
} while (0)

int output_open(const char *path);
void output_done(void);

void *xalloc(size_t nr, size_t size);
void *grown(void *array, size_t nr, size_t size);

/* asprintf() that cannot fail: the new string. */
#define xasprintf(...) ({						\
	char *string_;							\
									\
	if (asprintf(&string_, __VA_ARGS__) < 0)			\
		die("out of memory");					\
	string_;							\
})

static inline char *xstrdup(const char *s)
{
	return xasprintf("%s", s);
}

/*
 * Append one item to a growing array; @array and @nr are what the caller keeps,
 * and both start as zero.
 */
#define push(array, nr, item) do {					\
	typeof(array) *array_ = &(array);				\
	size_t *nr_ = &(nr);						\
									\
	*array_ = grown(*array_, *nr_, sizeof(**array_));		\
	(*array_)[(*nr_)++] = (item);					\
} while (0)

/* A number of @size bytes, the least significant first. */
static inline uint64_t number_at(const unsigned char *p, size_t size)
{
	uint64_t n = 0;

	while (size--)
		n = n << 8 | p[size];
	return n;
}

static inline bool starts_with(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return false;
	return true;
}

#endif /* KLP_CONVERT_UTIL_H */
