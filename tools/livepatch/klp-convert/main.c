// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of klp-convert
 *
 * klp-convert turns a livepatch module that was linked as if every symbol were
 * exported into one that loads: see convert.h, and symbols.h for what it has
 * to know of the build.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "dump.h"
#include "elf.h"
#include "symbols.h"
#include "util.h"
#include "verify.h"

static const char usage[] =
"usage: klp-convert [--symbols FILE]... IN.ko OUT.ko\n"
"           convert a livepatch; IN.ko and OUT.ko may be the same\n"
"       klp-convert --make-symbols OUT.klp {OBJECT | @LIST}...\n"
"           write what vmlinux and modules define, for --symbols;\n"
"           LIST holds one path a line\n"
"       klp-convert --check X.ko [--symbols FILE]...\n"
"           say what would go wrong when the livepatch is loaded\n"
"       klp-convert --dump X.ko\n"
"           show objects, livepatch symbols and livepatch relocations\n";

static void bad_usage(void)
{
	fputs(usage, stderr);
	exit(2);
}

struct list {
	const char **items;
	size_t nr;
};

static void read_list(struct list *list, const char *path)
{
	FILE *in = fopen(path, "r");
	size_t size = 0;
	char *line = NULL;

	if (!in)
		die("%s: %s", path, strerror(errno));
	while (getline(&line, &size, in) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			push(list->items, list->nr, xstrdup(line));
	}
	if (ferror(in))
		die("%s: %s", path, strerror(errno));
	free(line);
	fclose(in);
}

static void make_symbols(const char *output, char **args)
{
	struct list objects = {0};

	for (; *args; args++) {
		if (**args == '@')
			read_list(&objects, *args + 1);
		else
			push(objects.items, objects.nr, *args);
	}
	symbols_make(output, objects.items, objects.nr);
}

static struct elf_file *open_livepatch(const char *path,
				       const struct arch **arch)
{
	struct elf_file *file = elf_open(path);

	*arch = verify_livepatch(file);
	elf_read_relocs(file);
	return file;
}

static void check(const char *path, const struct list *symbol_files)
{
	const struct arch *arch;
	struct elf_file *file = open_livepatch(path, &arch);
	struct symbols symbols = {0};

	verify_want(file, &symbols);
	symbols_load(&symbols, symbol_files->items, symbol_files->nr);
	symbols_match(&symbols, file);
	verify(file, arch, symbol_files->nr ? &symbols : NULL);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "symbols", required_argument, NULL, 's' },
		{ "make-symbols", required_argument, NULL, 'm' },
		{ "check", required_argument, NULL, 'c' },
		{ "dump", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *mode_arg = NULL;
	struct list symbol_files = {0};
	const struct arch *arch;
	struct elf_file *file;
	int option, mode = 0;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			push(symbol_files.items, symbol_files.nr, optarg);
			break;
		case 'm':
		case 'c':
		case 'd':
			if (mode)
				bad_usage();
			mode = option;
			mode_arg = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			bad_usage();
		}
	}
	argc -= optind;
	argv += optind;

	switch (mode) {
	case 'm':
		if (!argc || symbol_files.nr)
			bad_usage();
		make_symbols(mode_arg, argv);
		break;
	case 'c':
		if (argc)
			bad_usage();
		check(mode_arg, &symbol_files);
		break;
	case 'd':
		if (argc || symbol_files.nr)
			bad_usage();
		file = open_livepatch(mode_arg, &arch);
		dump(file, arch);
		break;
	default:
		if (argc != 2)
			bad_usage();
		file = open_livepatch(argv[0], &arch);
		convert(file, arch, symbol_files.items, symbol_files.nr);
		if (!complaints)
			elf_write(file, argv[1]);
	}
	return complaints ? 1 : 0;
}
