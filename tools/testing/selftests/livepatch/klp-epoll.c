// SPDX-License-Identifier: GPL-2.0
/*
 * klp-epoll - a process that waits for events, of which there are none
 *
 * It sleeps in epoll_wait(2), and prints "EINTR" each time that this says so.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>

int main(void)
{
	struct epoll_event event;
	int fd = epoll_create1(0);

	if (fd < 0)
		err(1, "epoll_create1");
	setlinebuf(stdout);
	while (epoll_wait(fd, &event, 1, -1) < 0 && errno == EINTR)
		puts("EINTR");
	err(1, "epoll_wait");
}
