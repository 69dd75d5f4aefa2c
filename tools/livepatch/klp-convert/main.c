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
"usage: klp-convert [OPTION]... IN.ko OUT.ko\n"
"           convert a livepatch; IN.ko and OUT.ko may be the same\n"
"       klp-convert --make-symbols OUT.klp OBJECT...\n"
"           write what vmlinux and modules define, for --symbols\n"
"       klp-convert --check X.ko [OPTION]...\n"
"           say what would go wrong when the livepatch is loaded\n"
"       klp-convert --dump X.ko\n"
"           show what it patches, its livepatch symbols and relocations, and\n"
"           what of its special sections waits for a module\n"
"options:\n"
"       --symbols FILE      what the build defines\n"
"       --vmlinux FILE      the kernel: symbols, which there have to be, must\n"
"                           be of that build\n"
"       --original OBJECT   vmlinux or a module of the build, with debugging\n"
"                           information: warn of what the compiler did\n"
"       --gcc-dump FILE     of the build, from -fdump-tree-local-pure-const1\n"
"       --Werror            take warnings for errors\n"
"An OBJECT or FILE that may be given several times may be @LIST, a file with\n"
"one path a line.\n";

static void bad_usage(void)
{
	fputs(usage, stderr);
	exit(2);
}

/* What an argument names: itself, or the lines of a file after "@". */
static void add(const char ***items, size_t *nr, const char *arg)
{
	size_t size = 0;
	char *line = NULL;
	FILE *in;

	if (*arg != '@') {
		push(*items, *nr, arg);
		return;
	}
	in = fopen(++arg, "r");
	if (!in)
		die("%s: %s", arg, strerror(errno));
	while (getline(&line, &size, in) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			push(*items, *nr, xstrdup(line));
	}
	if (ferror(in))
		die("%s: %s", arg, strerror(errno));
	free(line);
	fclose(in);
}

static void make_symbols(const char *output, char **args)
{
	const char **objects = NULL;
	size_t nr = 0;

	for (; *args; args++)
		add(&objects, &nr, *args);
	symbols_make(output, objects, nr);
}

static struct elf_file *open_livepatch(const char *path,
				       const struct arch **arch)
{
	struct elf_file *file = elf_open(path);

	*arch = verify_livepatch(file);
	elf_read_relocs(file);
	return file;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "symbols", required_argument, NULL, 's' },
		{ "vmlinux", required_argument, NULL, 'v' },
		{ "original", required_argument, NULL, 'o' },
		{ "gcc-dump", required_argument, NULL, 'g' },
		{ "Werror", no_argument, NULL, 'W' },
		{ "make-symbols", required_argument, NULL, 'm' },
		{ "check", required_argument, NULL, 'c' },
		{ "dump", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *mode_arg = NULL;
	struct build build = {0};
	const struct arch *arch;
	struct elf_file *file;
	int option, mode = 0;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			add(&build.symbols, &build.nr_symbols, optarg);
			break;
		case 'v':
			build.vmlinux = optarg;
			break;
		case 'o':
			add(&build.originals, &build.nr_originals, optarg);
			break;
		case 'g':
			add(&build.dumps, &build.nr_dumps, optarg);
			break;
		case 'W':
			cautions_count = true;
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
	if (build.vmlinux && !build.nr_symbols)
		bad_usage();

	switch (mode) {
	case 'm':
		if (!argc)
			bad_usage();
		make_symbols(mode_arg, argv);
		break;
	case 'c':
		if (argc)
			bad_usage();
		/* Of what the compiler did as well as of what is missing. */
		cautions_count = true;
		file = open_livepatch(mode_arg, &arch);
		check(file, arch, &build);
		break;
	case 'd':
		if (argc)
			bad_usage();
		file = open_livepatch(mode_arg, &arch);
		dump(file, arch);
		break;
	default:
		if (argc != 2)
			bad_usage();
		file = open_livepatch(argv[0], &arch);
		convert(file, arch, &build);
		if (!complaints)
			elf_write(file, argv[1]);
	}
	if (fflush(stdout))
		die("standard output: %s", strerror(errno));
	return complaints ? 1 : 0;
}
