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

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
/* Its name until then. */
#define rdmsrq(msr, value) rdmsrl(msr, value)
#endif

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
	rdmsrq(MSR_IA32_CR_PAT, pat);
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

void answer_region(const struct words *words, char *answer)
{
	u64 start, size;

	if (!number(words->word[1], &start) || !number(words->word[2], &size)) {
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

void answer_memremap(const struct words *words, char *answer)
{
	struct mapping *mapping;
	u64 offset, size, flags;

	if (!name_fits(words->word[1]) || !number(words->word[2], &offset) ||
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

/* A mapping of registers; memunmap unmaps it, too. */
void map_registers(const struct words *words, char *answer)
{
	struct mapping *mapping;
	u64 offset, size;
	bool strong;

	if (!name_fits(words->word[1]) || !number(words->word[2], &offset) ||
	    !number(words->word[3], &size)) {
		misread(answer, "ioremap");
		return;
	}
	strong = !strcmp(words->word[4], "UC");
	answer_with(answer, UNSUPPORTED);
	if (find(words->word[1]) || size > TOO_LARGE_TO_MAP)
		return;
	mapping = kzalloc(sizeof(*mapping), GFP_KERNEL);
	if (!mapping)
		return;
	strscpy(mapping->name, words->word[1], NAME_BYTES);
	mapping->offset = offset;
	mapping->size = size;
	mapping->at = (__force void *)(strong ? ioremap_uc(offset, size) : ioremap(offset, size));
	if (!mapping->at) {
		kfree(mapping);
		answer_with(answer, "null");
		return;
	}
	list_add(&mapping->link, &mappings);
	answer_with(answer, "ok mode=%s", mode_at(mapping->at));
}

static void unmap(struct mapping *mapping)
{
	memunmap(mapping->at);
	list_del(&mapping->link);
	kfree(mapping);
}

void answer_memunmap(const struct words *words, char *answer)
{
	struct mapping *mapping = find(words->word[1]);

	if (!mapping) {
		/* Not live: nothing to give the kernel. */
		answer_with(answer, UNSUPPORTED);
		return;
	}
	unmap(mapping);
	answer_with(answer, OK);
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

/* What a load or a store names, if there are bytes that it may touch. */
struct access {
	struct mapping *mapping;
	u64 offset;
	u64 width;
};

/* NULL where there is nothing to touch, and that is the answer. */
static void *find_bytes(const struct words *words, struct access *access, char *answer)
{
	struct mapping *mapping = find(words->word[1]);
	u64 bytes;
	void *at;

	if (!number(words->word[2], &access->offset) || !number(words->word[3], &access->width)) {
		misread(answer, "access");
		return NULL;
	}
	answer_with(answer, UNSUPPORTED);
	bytes = access->width / 8;
	/* Not live: nothing to give the kernel. */
	if (!mapping || access->offset > mapping->size ||
	    bytes > mapping->size - access->offset ||
	    !is_memory(mapping->offset + access->offset, bytes) ||
	    held_page_structures(mapping->offset + access->offset, bytes))
		return NULL;
	access->mapping = mapping;
	at = mapping->at + access->offset;
	return is_mapped(at, bytes) ? at : NULL;
}

void answer_load(const struct words *words, char *answer)
{
	struct access access;
	void *at = find_bytes(words, &access, answer);

	if (at)
		answer_with(answer, "0x%llx", load(at, access.width));
}

void answer_store(const struct words *words, char *answer)
{
	struct access access;
	void *at = find_bytes(words, &access, answer);
	u64 value;

	if (!number(words->word[4], &value)) {
		misread(answer, "access");
	} else if (at && mark_written(access.mapping->offset + access.offset, access.width / 8,
				      false)) {
		store(at, access.width, value);
		answer_with(answer, OK);
	}
}

void undo_mappings(void)
{
	struct mapping *mapping, *next;

	list_for_each_entry_safe(mapping, next, &mappings, link)
		unmap(mapping);
}
