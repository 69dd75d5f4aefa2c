// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Damage a file, usually an ELF file
 *
 *	mutate SEED IN OUT
 *
 * Changes a few values, most of them in the file header, the section headers,
 * symbols and relocations, where a reader is most easily led astray.  The same
 * seed makes the same damage.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static uint64_t state;

static uint64_t rnd(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static uint64_t value(uint64_t old)
{
	static const uint64_t edges[] = {
		0, 1, 2, 7, 8, 24, 63, 255, 0x7fff, 0xff00, 0xff20, 0xffff,
		0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		INT64_MAX, 1ULL << 63, UINT64_MAX, UINT64_MAX - 7,
	};

	switch (rnd(4)) {
	case 0:
		return edges[rnd(ARRAY_SIZE(edges))];
	case 1:
		return old + rnd(33) - 16;
	case 2:
		return old ^ 1ULL << rnd(64);
	default:
		return rnd(256);
	}
}

static void damage(unsigned char *image, size_t size, size_t at)
{
	size_t width = (size_t)1 << rnd(4);
	uint64_t v = 0;

	at -= at % width;
	if (at + width > size)
		return;
	memcpy(&v, image + at, width);
	v = value(v);
	memcpy(image + at, &v, width);
}

/* A section that is worth damaging, or the headers. */
static size_t place(const unsigned char *image, size_t size)
{
	Elf64_Ehdr ehdr;
	Elf64_Shdr sh;
	size_t at;

	memcpy(&ehdr, image, sizeof(ehdr));
	if (memcmp(ehdr.e_ident, ELFMAG, SELFMAG))
		return rnd(size);
	if (ehdr.e_shoff >= size || !ehdr.e_shnum || !rnd(16))
		return rnd(sizeof(ehdr));
	at = ehdr.e_shoff + rnd(ehdr.e_shnum) * sizeof(sh);
	if (at + sizeof(sh) > size)
		return rnd(size);
	if (rnd(2))
		return at + rnd(sizeof(sh));
	memcpy(&sh, image + at, sizeof(sh));
	if (sh.sh_offset >= size || !sh.sh_size || sh.sh_size > size)
		return rnd(size);
	return sh.sh_offset + rnd(sh.sh_size);
}

int main(int argc, char **argv)
{
	unsigned char *image;
	long size;
	FILE *f;

	f = argc == 4 ? fopen(argv[2], "rb") : NULL;
	if (!f || fseek(f, 0, SEEK_END))
		return 2;
	size = ftell(f);
	if (size < (long)sizeof(Elf64_Ehdr))
		return 2;
	rewind(f);
	image = malloc(size);
	if (!image || fread(image, 1, size, f) != (size_t)size)
		return 2;
	fclose(f);

	state = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15ULL | 1;
	for (uint64_t n = 1 + rnd(3); n; n--)
		damage(image, size, place(image, size));

	f = fopen(argv[3], "wb");
	if (!f || fwrite(image, 1, size, f) != (size_t)size || fclose(f))
		return 2;
	return 0;
}
