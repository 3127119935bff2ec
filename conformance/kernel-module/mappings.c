// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ioport.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/pgtable.h>
#include <asm/processor.h>

#include "judge.h"

/* Its page tables alone would fill a small guest. */
#define TOO_LARGE_TO_MAP (16ULL << 30)

struct mapping {
	struct list_head link;
	char name[NAME_BYTES];
	u64 offset;
	u64 size;
	void *at;
};

static LIST_HEAD(mappings);

static struct mapping *find(const char *name)
{
	struct mapping *mapping;

	list_for_each_entry(mapping, &mappings, link)
		if (!strcmp(mapping->name, name))
			return mapping;
	return NULL;
}

static const char *mode_at(const void *at)
{
	static const char * const modes[] = { "UC", "WC", "?", "?", "WT", "WP", "WB", "UC-" };
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)at, &level);
	unsigned long pat_bit;
	unsigned int index;
	u64 pat;

	if (!entry || !pte_present(*entry))
		return "none";
	pat_bit = level == PG_LEVEL_4K ? _PAGE_PAT : _PAGE_PAT_LARGE;
	index = (pte_val(*entry) & _PAGE_PWT ? 1 : 0) | (pte_val(*entry) & _PAGE_PCD ? 2 : 0) |
		(pte_val(*entry) & pat_bit ? 4 : 0);
	rdmsrl(MSR_IA32_CR_PAT, pat);
	return modes[(pat >> (8 * index)) & 7];
}

static bool is_mapped(const void *at, u64 size)
{
	unsigned long address = (unsigned long)at & PAGE_MASK;
	unsigned int level;

	for (; address < (unsigned long)at + size; address += PAGE_SIZE) {
		pte_t *entry = lookup_address(address, &level);

		if (!entry || !pte_present(*entry))
			return false;
	}
	return true;
}

static bool flags_of(char *text, u64 *flags)
{
	static const char * const names[] = { "WB", "WT", "WC", "ENC", "DEC" };
	char *name;

	if (number(text, flags))
		return true;
	*flags = 0;
	while ((name = strsep(&text, "|")) != NULL) {
		int i = match_string(names, ARRAY_SIZE(names), name);

		if (i < 0)
			return false;
		*flags |= 1ULL << i;
	}
	return true;
}

static int intersects(u64 start, u64 size)
{
	return region_intersects(start, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE);
}

static void answer_region(const struct words *words, char *answer)
{
	u64 start, size;

	if (words->count != 3 || !number(words->word[1], &start) || !number(words->word[2], &size)) {
		misread(answer, "region");
		return;
	}
	switch (intersects(start, size)) {
	case REGION_DISJOINT:
		answer_with(answer, "DISJOINT");
		break;
	case REGION_INTERSECTS:
		answer_with(answer, "INTERSECTS");
		break;
	default:
		answer_with(answer, "MIXED");
	}
}

static void map(const struct words *words, char *answer)
{
	struct mapping *mapping;
	u64 offset, size, flags;

	if (words->count != 5 || !number(words->word[2], &offset) ||
	    !number(words->word[3], &size) || !flags_of(words->word[4], &flags)) {
		misread(answer, "memremap");
		return;
	}
	if (find(words->word[1]) || flags > ULONG_MAX ||
	    (size > TOO_LARGE_TO_MAP && offset + size > offset &&
	     intersects(offset, size) == REGION_DISJOINT)) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	mapping = kzalloc(sizeof(*mapping), GFP_KERNEL);
	if (!mapping) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	strscpy(mapping->name, words->word[1], NAME_BYTES);
	mapping->offset = offset;
	mapping->size = size;
	mapping->at = memremap(offset, size, flags);
	if (!mapping->at) {
		kfree(mapping);
		answer_with(answer, "null");
		return;
	}
	list_add(&mapping->link, &mappings);
	answer_with(answer, "ok mode=%s direct=%s", mode_at(mapping->at),
		    mapping->at == __va(offset) ? "yes" : "no");
}

static void unmap(struct mapping *mapping)
{
	memunmap(mapping->at);
	list_del(&mapping->link);
	kfree(mapping);
}

static u64 load(const void *at, u64 width)
{
	u64 value = 0;

	/* Bytes, for a mapping may start anywhere; volatile, for others map the same memory. */
	switch (width) {
	case 8:
		return *(const volatile u8 *)at;
	case 16:
		return *(const volatile u16 *)at;
	case 32:
		return *(const volatile u32 *)at;
	case 64:
		value = *(const volatile u64 *)at;
	}
	return value;
}

static void store(void *at, u64 width, u64 value)
{
	switch (width) {
	case 8:
		*(volatile u8 *)at = value;
		break;
	case 16:
		*(volatile u16 *)at = value;
		break;
	case 32:
		*(volatile u32 *)at = value;
		break;
	case 64:
		*(volatile u64 *)at = value;
	}
}

static void access(struct mapping *mapping, const struct words *words, char *answer)
{
	bool stores = words->count == 5;
	u64 offset, width, bytes;
	u64 value = 0;
	void *at;

	if (words->count < 4 || !number(words->word[2], &offset) ||
	    !number(words->word[3], &width) || (stores && !number(words->word[4], &value))) {
		misread(answer, "access");
		return;
	}
	bytes = width / 8;
	answer_with(answer, UNSUPPORTED);
	if (offset > mapping->size || bytes > mapping->size - offset ||
	    !is_memory(mapping->offset + offset, bytes) ||
	    held_page_structures(mapping->offset + offset, bytes))
		return;
	at = mapping->at + offset;
	if (!is_mapped(at, bytes))
		return;
	if (!stores) {
		answer_with(answer, "0x%llx", load(at, width));
	} else if (mark_written(mapping->offset + offset, bytes, false)) {
		store(at, width, value);
		answer_with(answer, OK);
	}
}

void answer_mapping(const struct words *words, char *answer)
{
	struct mapping *mapping;

	if (!strcmp(words->word[0], "region")) {
		answer_region(words, answer);
		return;
	}
	if (words->count < 2 || !name_fits(words->word[1])) {
		misread(answer, "name");
		return;
	}
	if (!strcmp(words->word[0], "memremap")) {
		map(words, answer);
		return;
	}
	mapping = find(words->word[1]);
	if (!mapping) {
		/* Not live: nothing to give the kernel. */
		answer_with(answer, UNSUPPORTED);
	} else if (!strcmp(words->word[0], "memunmap")) {
		unmap(mapping);
		answer_with(answer, OK);
	} else {
		access(mapping, words, answer);
	}
}

void undo_mappings(void)
{
	struct mapping *mapping, *next;

	list_for_each_entry_safe(mapping, next, &mappings, link)
		unmap(mapping);
}
