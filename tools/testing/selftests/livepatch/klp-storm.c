// SPDX-License-Identifier: GPL-2.0
/*
 * klp-storm FILE WORKERS [exec] - a storm of short-lived processes and threads
 *
 * Each worker forks, and the child and a thread of it both read FILE, in which
 * patched functions say who answered. With "exec" the thread runs this program
 * instead, without WORKERS: that reads FILE in the place of the process's first
 * thread. This goes on until SIGTERM; then the counts are printed: "original N
 * patched N wrong N". An answer that is neither the original's nor that of one
 * livepatch alone is wrong, and so is a process that cannot read or does not end
 * well.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct counts {
	atomic_ulong original;
	atomic_ulong patched;
	atomic_ulong wrong;
	atomic_bool stop;
};

/* Shared by all processes. */
static struct counts *shared;

static const char *path;
static bool exec;

static void stop(int sig)
{
	(void)sig;
	atomic_store(&shared->stop, true);
}

static void *read_once(void *unused)
{
	char text[32] = "";
	int fd;

	(void)unused;
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		atomic_fetch_add(&shared->wrong, 1);
	else if (!strcmp(text, "original\n"))
		atomic_fetch_add(&shared->original, 1);
	else if (strlen(text) == 2)
		atomic_fetch_add(&shared->patched, 1);
	else
		atomic_fetch_add(&shared->wrong, 1);

	if (fd >= 0)
		close(fd);
	return NULL;
}

static void *exec_once(void *unused)
{
	(void)unused;
	execl("/proc/self/exe", "klp-storm", path, NULL);
	_exit(1);
}

static int child(void)
{
	pthread_t thread;

	/* Who execs may be faster than the answer, and does not count its own. */
	if (exec)
		read_once(NULL);
	if (pthread_create(&thread, NULL, exec ? exec_once : read_once, NULL))
		return 1;
	read_once(NULL);
	return pthread_join(thread, NULL) ? 1 : 0;
}

static int worker(void)
{
	int status;
	pid_t pid;

	while (!atomic_load(&shared->stop)) {
		pid = fork();
		if (pid == 0)
			_exit(child());
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			atomic_fetch_add(&shared->wrong, 1);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
	static struct counts own;
	int i, workers;

	exec = argc == 4 && !strcmp(argv[3], "exec");
	if (argc != 2 && argc != 3 && !exec)
		errx(2, "usage: klp-storm FILE WORKERS [exec]");
	path = argv[1];
	if (argc == 2) {
		shared = &own;
		read_once(NULL);
		return atomic_load(&own.wrong);
	}
	workers = atoi(argv[2]);

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	if (sigaction(SIGTERM, &action, NULL))
		err(1, "sigaction");

	for (i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(worker());
		if (pid < 0)
			err(1, "fork");
	}

	while (wait(NULL) > 0 || errno == EINTR)
		;

	printf("original %lu patched %lu wrong %lu\n", atomic_load(&shared->original),
	       atomic_load(&shared->patched), atomic_load(&shared->wrong));
	return 0;
}
