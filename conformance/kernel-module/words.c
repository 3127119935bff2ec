// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/hex.h>
#endif

#include "judge.h"

int split(char *line, struct words *words)
{
	char *comment = strchr(line, '#');
	char *word;

	if (comment)
		*comment = '\0';
	words->count = 0;
	while ((word = strsep(&line, " \t\r\n")) != NULL) {
		if (*word == '\0')
			continue;
		if (words->count == MAX_WORDS)
			return -E2BIG;
		words->word[words->count++] = word;
	}
	return 0;
}

/*
 * As Memparse reads them: decimal or 0x hexadecimal, K, M, G or T behind it. The kernel's memparse()
 * would cut what does not fit, and its caller could not tell.
 */
bool number(const char *word, u64 *value)
{
	unsigned int base = 10;
	unsigned int shift = 0;
	u64 sum = 0;

	if (word[0] == '0' && word[1] == 'x') {
		base = 16;
		word += 2;
	}
	if (!isxdigit(*word))
		return false;
	for (; isxdigit(*word); word++) {
		unsigned int digit = hex_to_bin(*word);

		if (digit >= base || sum > (U64_MAX - digit) / base)
			return false;
		sum = sum * base + digit;
	}
	switch (*word) {
	case 'T':
		shift += 10;
		fallthrough;
	case 'G':
		shift += 10;
		fallthrough;
	case 'M':
		shift += 10;
		fallthrough;
	case 'K':
		shift += 10;
		word++;
	}
	if (*word != '\0' || sum > U64_MAX >> shift)
		return false;
	*value = sum << shift;
	return true;
}

bool span(char *word, u64 *start, u64 *size)
{
	char *plus = strchr(word, '+');

	if (!plus)
		return false;
	*plus = '\0';
	return number(word, start) && number(plus + 1, size);
}

bool name_fits(const char *word)
{
	return strlen(word) < NAME_BYTES;
}

bool has_word(const struct words *words, int from, const char *word)
{
	int i;

	for (i = from; i < words->count; i++)
		if (!strcmp(words->word[i], word))
			return true;
	return false;
}

const char *value_of(const struct words *words, int from, const char *key)
{
	size_t length = strlen(key);
	int i;

	for (i = from; i < words->count; i++)
		if (!strncmp(words->word[i], key, length) && words->word[i][length] == '=')
			return words->word[i] + length + 1;
	return NULL;
}

void answer_with(char *answer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(answer, ANSWER_BYTES, format, arguments);
	va_end(arguments);
}

void misread(char *answer, const char *why)
{
	answer_with(answer, "misread %s", why);
}

void answer_error(char *answer, long error)
{
	answer_with(answer, "error %s",
		    error == -ENXIO	  ? "ENXIO" :
		    error == -EINVAL	  ? "EINVAL" :
		    error == -ENOMEM	  ? "ENOMEM" :
		    error == -EEXIST	  ? "EEXIST" :
		    error == -EBUSY	  ? "EBUSY" :
		    error == -E2BIG	  ? "E2BIG" :
		    error == -ERANGE	  ? "ERANGE" :
		    error == -EOPNOTSUPP ? "EOPNOTSUPP" :
					    "?");
}
