/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peer of the pager's benchmarks: the least that serves faults from a file. It takes a
 * userfaultfd at a socket, and answers each fault by UFFDIO_COPY from a mapping of the file.
 *
 * The file is either the pages, one after the other, or a store of class FileStore. From a store it
 * serves as that class does: it looks which slot has the page, and checks the checksums of the
 * entry and of the page.
 *
 * Or the pages are in a node of Valkey: valkey.h asks for them.
 *
 * Arguments: the socket, the address of the memory, the file or the node's port, the size of the
 * memory in bytes, how many pages to bring in at a fault, and "plain", "store", "get" or "mget".
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
#define LINE 64UL
#define EVENTS 16

/* As in class StoreLayout. */
#define TABLE 8192UL
#define RECORD 64UL
#define SLOTS 4
#define LARGEST_ALIGNMENT (2UL << 20)

/* A page's checksum is that of so many parts, which are read at once, put together. */
#define PARTS 4
#define PART (PAGE / PARTS)

#if defined(__x86_64__)
#include <nmmintrin.h>
#define WITH_CRC __attribute__((target("sse4.2")))
#define CRC_8(crc, value) ((uint32_t)_mm_crc32_u64(crc, value))
#define CRC_4(crc, value) _mm_crc32_u32(crc, value)
#elif defined(__aarch64__)
#include <arm_acle.h>
#define WITH_CRC __attribute__((target("+crc")))
#define CRC_8(crc, value) __crc32cd(crc, value)
#define CRC_4(crc, value) __crc32cw(crc, value)
#else
#error the instruction of this processor for CRC32C is not known
#endif

struct entry {
	uint64_t sequence;
	uint32_t checksum;
	uint32_t own_checksum;
};

static const char *bytes;
static uint64_t pages, areas[SLOTS];
static uint32_t behind_zeros[4][256];

/* What a checksum becomes when as many zeros follow as a part has bytes. */
WITH_CRC static void prepare(void)
{
	uint32_t of_bit[32];

	for (int bit = 0; bit < 32; bit++) {
		uint32_t crc = 1U << bit;

		for (uint64_t i = 0; i < PART; i += 8)
			crc = CRC_8(crc, 0);
		of_bit[bit] = crc;
	}
	for (int byte = 0; byte < 4; byte++)
		for (int value = 0; value < 256; value++)
			for (int bit = 0; bit < 8; bit++)
				if (value >> bit & 1)
					behind_zeros[byte][value] ^= of_bit[8 * byte + bit];
}

static uint32_t shifted(uint32_t crc)
{
	return behind_zeros[0][crc & 255] ^ behind_zeros[1][crc >> 8 & 255] ^
	       behind_zeros[2][crc >> 16 & 255] ^ behind_zeros[3][crc >> 24];
}

/* The checksum of a page behind bytes that have made it what it is. */
WITH_CRC static uint32_t checksum_behind(uint32_t before, const char *page)
{
	const uint64_t *words = (const uint64_t *)page;
	uint32_t a = before, b = 0, c = 0, d = 0;

	for (uint64_t i = 0; i < PAGE; i += LINE)
		__builtin_prefetch(page + i);
	for (uint64_t i = 0; i < PART / 8; i++) {
		a = CRC_8(a, words[i]);
		b = CRC_8(b, words[i + PART / 8]);
		c = CRC_8(c, words[i + 2 * (PART / 8)]);
		d = CRC_8(d, words[i + 3 * (PART / 8)]);
	}
	return ~(shifted(shifted(shifted(a) ^ b) ^ c) ^ d);
}

static uint32_t checksum(const char *page)
{
	return checksum_behind(~0U, page);
}

WITH_CRC static int is_whole(const struct entry *entry, uint64_t page)
{
	uint32_t crc = CRC_8(~0U, entry->sequence);

	crc = CRC_4(crc, entry->checksum);
	return ~CRC_8(crc, page) == entry->own_checksum;
}

static void find_areas(void)
{
	uint64_t size = pages * PAGE, alignment = 1, table_end = TABLE + pages * RECORD;

	while (alignment < size && alignment < LARGEST_ALIGNMENT)
		alignment *= 2;
	for (int slot = 0; slot < SLOTS; slot++)
		areas[slot] = ((table_end + alignment - 1) & -alignment) +
			      slot * ((size + alignment - 1) & -alignment);
}

/* Where a page of the store lies; ends the program if it is not what was written. */
static const char *stored(uint64_t page)
{
	const struct entry *entries = (const struct entry *)(bytes + TABLE + page * RECORD);
	const struct entry *newest = NULL;
	const char *found;

	for (int slot = 0; slot < SLOTS; slot++) {
		const struct entry *entry = entries + slot;

		if (!entry->sequence && !entry->checksum && !entry->own_checksum)
			continue;
		if (!is_whole(entry, page))
			exit(3);
		if (!newest || entry->sequence > newest->sequence)
			newest = entry;
	}
	if (!newest)
		exit(3);
	found = bytes + areas[newest - entries] + page * PAGE;
	if (checksum(found) != newest->checksum)
		exit(3);
	return found;
}

/* Where so many pages lie, one behind the other. */
static const char *all_stored(uint64_t first, uint64_t count)
{
	const char *found = stored(first);

	for (uint64_t i = 1; i < count; i++)
		if (stored(first + i) != found + i * PAGE)
			exit(3);
	return found;
}

#include "valkey.h"

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
	uint64_t base, size, ahead, file_size;
	int faults, file, is_store, is_node;

	if (count != 7)
		return 2;
	base = strtoull(words[2], NULL, 0);
	size = strtoull(words[4], NULL, 0);
	ahead = strtoull(words[5], NULL, 0);
	is_store = !strcmp(words[6], "store");
	is_node = !is_store && strcmp(words[6], "plain");
	pages = size / PAGE;
	prepare();
	find_areas();
	file_size = is_store ? areas[SLOTS - 1] + size : size;
	file = is_node ? ask_at(atoi(words[3]), !strcmp(words[6], "mget")) : open(words[3], O_RDONLY);
	bytes = is_node ? "" : mmap(NULL, file_size, PROT_READ, MAP_SHARED, file, 0);
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
				.mode = UFFDIO_COPY_MODE_WP };

			copy.len = length < size - offset ? length : size - offset;
			copy.src = (uintptr_t)(is_store ? all_stored(offset / PAGE, copy.len / PAGE)
					       : is_node ? asked(offset / PAGE) : bytes + offset);
			if (ioctl(faults, UFFDIO_COPY, &copy) && copy.copy <= 0) {
				struct uffdio_range range = { base + offset, PAGE };

				ioctl(faults, UFFDIO_WAKE, &range);
			}
		}
	}
}
