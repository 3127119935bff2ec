/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peer of the pager's benchmarks: the least that serves faults from a file. It takes a
 * userfaultfd at a socket, and answers each fault by UFFDIO_COPY from a mapping of the file.
 *
 * Arguments: the socket, the address of the memory, the file, its size in bytes, and how many pages
 * to bring in at a fault.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PAGE 4096UL
#define EVENTS 16

static int take(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char word, control[CMSG_SPACE(sizeof(int))];
	struct iovec vector = { &word, 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control) };
	int fd, peer = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (connect(peer, (struct sockaddr *)&address, sizeof(address)) ||
	    recvmsg(peer, &message, 0) != 1)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

int main(int count, char **words)
{
	static struct uffd_msg events[EVENTS];
	uint64_t base, size, ahead;
	int faults, file;
	char *bytes;

	if (count != 6)
		return 2;
	base = strtoull(words[2], NULL, 0);
	size = strtoull(words[4], NULL, 0);
	ahead = strtoull(words[5], NULL, 0);
	file = open(words[3], O_RDONLY);
	bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
	faults = take(words[1]);
	if (file < 0 || bytes == MAP_FAILED || faults < 0) {
		perror("pager");
		return 1;
	}
	for (;;) {
		ssize_t read_bytes = read(faults, events, sizeof(events));

		if (read_bytes < 0 && errno != EINTR)
			return 1;
		for (int i = 0; i * (ssize_t)sizeof(events[0]) < read_bytes; i++) {
			uint64_t offset = (events[i].arg.pagefault.address & -PAGE) - base;
			uint64_t length = ahead * PAGE;
			struct uffdio_copy copy = { .dst = base + offset,
				.src = (uintptr_t)bytes + offset, .mode = UFFDIO_COPY_MODE_WP };

			copy.len = length < size - offset ? length : size - offset;
			if (ioctl(faults, UFFDIO_COPY, &copy) && copy.copy <= 0) {
				struct uffdio_range range = { base + offset, PAGE };

				ioctl(faults, UFFDIO_WAKE, &range);
			}
		}
	}
}
