// SPDX-License-Identifier: GPL-2.0
/*
 * klp-hammer SECONDS - use all files of live patching at the same time
 *
 * For SECONDS, processes with and without privileges open, read in pieces, map, poll
 * and write whatever there is below /sys/kernel/livepatch, and patch_state of
 * processes, while patches come and go.  Those with privileges write nonsense only:
 * who else enables and disables patches is to find them in the state that it left.
 * Prints "reads N writes N refused N wrong N".  It is wrong if a process without
 * privileges can write anything, or read what only root may, patch_state of root's
 * processes included, if it cannot read its own, if nonsense is taken, and if a file
 * says what it never does.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

#define ROOT	"/sys/kernel/livepatch"
#define OWN	"/proc/self/patch_state"
#define NOBODY	65534
#define PROCESSES 4

/* Shared by all processes. */
static struct {
	atomic_ulong reads;
	atomic_ulong writes;
	atomic_ulong refused;
	atomic_ulong wrong;
	/* Those without privileges; the others and all that they find are root's. */
	atomic_int nobodies[PROCESSES];
} *shared;

static bool privileged;

static void wrong(const char *path, const char *what)
{
	atomic_fetch_add(&shared->wrong, 1);
	fprintf(stderr, "%s %s: %s\n", privileged ? "root" : "nobody", path, what);
}

static const char *file_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* All but "stalled" are a number; that of "patch_state" may be -1. */
static void check_content(const char *path, const char *text)
{
	const char *end = text;

	if (!strcmp(file_of(path), "stalled"))
		return;
	if (!strcmp(file_of(path), "patch_state") && *end == '-')
		end++;
	if (!isdigit((unsigned char)*end))
		wrong(path, text);
	while (isdigit((unsigned char)*end))
		end++;
	if (strcmp(end, "\n"))
		wrong(path, text);
}

static bool is_nobody(int pid)
{
	int i;

	for (i = 0; i < PROCESSES; i++)
		if (pid && pid == atomic_load(&shared->nobodies[i]))
			return true;
	return false;
}

static bool only_for_root(const char *path)
{
	const char *file = file_of(path);
	int pid;

	if (!strcmp(file, "patch_state"))
		return sscanf(path, "/proc/%d/", &pid) == 1 && !is_nobody(pid);
	return !strcmp(file, "stalled") || !strcmp(file, "force");
}

static void use_for_reading(const char *path)
{
	char text[4096];
	ssize_t size, got = 0;
	struct pollfd poll_fd;
	int fd;

	fd = open(path, O_RDONLY | O_NONBLOCK);
	if (fd < 0) {
		atomic_fetch_add(&shared->refused, 1);
		if (!strcmp(path, OWN))
			wrong(path, "cannot be read");
		return;
	}

	/* In pieces, of which the first is a single character. */
	while (got < (ssize_t)sizeof(text) - 1) {
		size = read(fd, text + got, got ? sizeof(text) - 1 - got : 1);
		if (size <= 0)
			break;
		got += size;
	}
	text[got] = '\0';
	if (got > 0) {
		atomic_fetch_add(&shared->reads, 1);
		if (!privileged && only_for_root(path))
			wrong(path, "can be read");
		check_content(path, text);
	}

	poll_fd = (struct pollfd){ .fd = fd, .events = POLLIN | POLLPRI };
	poll(&poll_fd, 1, 0);
	lseek(fd, random() % 100, SEEK_SET);
	if (read(fd, text, random() % sizeof(text)) > 0)
		atomic_fetch_add(&shared->reads, 1);
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED)
		wrong(path, "can be mapped");
	close(fd);
}

static void use_for_writing(const char *path)
{
	static const char * const nonsense[] = {
		"", "\n", "2", "-1", "x", "\xff", "enabled", " ",
	};
	const char *text = nonsense[random() % ARRAY_SIZE(nonsense)];
	static char page[8192];
	ssize_t size = strlen(text);
	int fd;

	fd = open(path, O_WRONLY);
	if (fd < 0) {
		atomic_fetch_add(&shared->refused, 1);
		return;
	}
	if (!privileged)
		wrong(path, "can be opened for writing");
	if (!(random() % 4)) {
		memset(page, 'y' - 1, sizeof(page));
		text = page;
		size = sizeof(page);
	}
	if (write(fd, text, size) > 0)
		wrong(path, "takes nonsense");
	else
		atomic_fetch_add(&shared->writes, 1);
	close(fd);
}

static void use_file(const char *path)
{
	if (random() % 3)
		use_for_reading(path);
	else
		use_for_writing(path);
}

/* Everything below a directory, which may go away meanwhile. */
static void use_directory(const char *path)
{
	struct dirent *entry;
	char below[512];
	struct stat st;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (lstat(below, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			use_directory(below);
		else if (S_ISREG(st.st_mode))
			use_file(below);
	}
	closedir(dir);
}

static void use_processes(void)
{
	char path[64];

	use_file("/proc/1/patch_state");
	use_file(OWN);
	snprintf(path, sizeof(path), "/proc/%ld/patch_state", 1 + random() % 300);
	use_file(path);
}

/* After that what is this process's own is not root's any more. */
static void become_nobody(int i)
{
	atomic_store(&shared->nobodies[i], getpid());
	if (setgid(NOBODY) || setuid(NOBODY))
		err(1, "setuid");
	/* Or else it stays root's for what it has been. */
	if (prctl(PR_SET_DUMPABLE, 1))
		err(1, "prctl");
}

static int work(int i, time_t end)
{
	if (!privileged)
		become_nobody(i);
	srandom(getpid());
	while (time(NULL) < end) {
		use_directory(ROOT);
		use_processes();
	}
	return 0;
}

int main(int argc, char **argv)
{
	int i, status;
	time_t end;

	if (argc != 2)
		errx(2, "usage: klp-hammer SECONDS");
	end = time(NULL) + atoi(argv[1]);

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");

	for (i = 0; i < PROCESSES; i++) {
		pid_t pid;

		privileged = i % 2;
		pid = fork();
		if (pid == 0)
			_exit(work(i, end));
		if (pid < 0)
			err(1, "fork");
	}
	while (wait(&status) > 0)
		if (status)
			atomic_fetch_add(&shared->wrong, 1);

	printf("reads %lu writes %lu refused %lu wrong %lu\n", atomic_load(&shared->reads),
	       atomic_load(&shared->writes), atomic_load(&shared->refused),
	       atomic_load(&shared->wrong));
	return 0;
}
