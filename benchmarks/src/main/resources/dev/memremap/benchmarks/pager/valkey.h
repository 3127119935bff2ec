/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of a store of class ValkeyStore, prefix "bench", each asked for when it is needed. By GET it
 * is the least that a client does: a page is what lies behind 20 bytes of its value. By MGET it does
 * what that class does: it asks for the fence of the page's part, too, and checks the checksum.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/* As in classes PageKeys and PageValue. */
#define PER_PART ((1UL << 20) / PAGE)
#define HEADER 20
#define CHECKED 16

static int node, node_checks;
static char answer[4 * PAGE];

static int ask_at(int port, int checks)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;

	node_checks = checks;
	node = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(node, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	setsockopt(node, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return node;
}

/* What a key's value becomes in a command: its length, and itself. */
static int key(char *to, uint64_t part, const char *last)
{
	char name[64];
	int length = sprintf(name, "{bench:%lx}%s", (unsigned long)part, last);

	return sprintf(to, "$%d\r\n%s\r\n", length, name);
}

/* The value that begins here, and its length; without one the program ends. */
static const char *value(const char *from, long *length)
{
	char *end;

	if (*from != '$')
		exit(4);
	*length = strtol(from + 1, &end, 10);
	if (*length < 0)
		exit(4);
	return end + 2;
}

/* What stands behind a value that is all there; NULL if not all of it is. */
static const char *behind(const char *from, const char *end)
{
	const char *line = memchr(from, '\n', end - from), *last;
	long length;

	if (!line)
		return NULL;
	last = value(from, &length) + length + 2;
	return last <= end ? last : NULL;
}

WITH_CRC static void check(const char *found, uint64_t page)
{
	uint32_t crc = CRC_8(~0U, __builtin_bswap64(page)), stored;
	uint64_t words[CHECKED / 8];

	memcpy(words, found, CHECKED);
	memcpy(&stored, found + CHECKED, sizeof(stored));
	crc = CRC_8(CRC_8(crc, words[0]), words[1]);
	if (checksum_behind(crc, found + HEADER) != __builtin_bswap32(stored))
		exit(3);
}

/* A page, which stays there until the next one is asked for. */
static const char *asked(uint64_t page)
{
	char command[256], last[32];
	const char *found = answer, *end = answer;
	uint64_t part = page / PER_PART;
	int length = sprintf(command, node_checks ? "*3\r\n$4\r\nMGET\r\n" : "*2\r\n$3\r\nGET\r\n");
	long bytes;

	if (node_checks)
		length += key(command + length, part, "fence");
	sprintf(last, "%lx", (unsigned long)(page % PER_PART));
	length += key(command + length, part, last);
	if (write(node, command, length) != length)
		exit(4);
	for (;;) {
		ssize_t came = read(node, answer + (end - answer), sizeof(answer) - (end - answer));

		if (came <= 0)
			exit(4);
		end += came;
		found = answer;
		if (node_checks) {
			/* "*2" and the fence, which has to be there */
			found = end - answer > 4 ? behind(answer + 4, end) : NULL;
		}
		if (found && behind(found, end) == end)
			break;
	}
	found = value(found, &bytes);
	if (bytes != (long)(HEADER + PAGE))
		exit(4);
	if (node_checks)
		check(found, page);
	return found + HEADER;
}
