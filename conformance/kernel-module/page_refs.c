// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "judge.h"

/* A reference that the scenario took on a page, and that must not outlive the page's map. */
struct taken_page {
	struct list_head link;
	struct pagemap *map;
	struct page *page;
	/* The first reference of a hand-out of so many pages, which ends it. */
	bool handed_out;
	unsigned int order;
};

static LIST_HEAD(taken_pages);

/* The newest one: that of a hand-out comes last. */
static struct taken_page *find_taken_page(const struct page *page)
{
	struct taken_page *taken;

	list_for_each_entry(taken, &taken_pages, link)
		if (taken->page == page)
			return taken;
	return NULL;
}

static void forget_page(struct taken_page *taken)
{
	taken->map->pages_held--;
	if (taken->handed_out)
		taken->map->handed_out -= 1UL << taken->order;
	list_del(&taken->link);
	kfree(taken);
}

static struct taken_page *remember(struct pagemap *map, struct page *page)
{
	struct taken_page *taken = kzalloc(sizeof(*taken), GFP_KERNEL);

	if (!taken)
		return NULL;
	taken->map = map;
	taken->page = page;
	map->pages_held++;
	list_add(&taken->link, &taken_pages);
	return taken;
}

static void take(struct pagemap *map, struct page *page, char *answer)
{
	/* A free page has no reference of the map's; a kernel that checks itself ends here. */
	if (page_ref_count(page) <= 0 || !remember(map, page))
		return;
	get_page(page);
	answer_with(answer, OK);
}

static void drop(struct page *page, char *answer)
{
	struct taken_page *taken = find_taken_page(page);

	/* Below zero a kernel that checks itself ends. */
	if (page_ref_count(page) <= 0)
		return;
	/* There the map's own reference would be dropped twice: now, and by the unmapping. */
	if (!REFERENCE_IS_EMBEDDED && !taken)
		return;
	put_page(page);
	if (taken)
		forget_page(taken);
	answer_with(answer, OK);
}

/* The page that a line names; NULL where no map has it, and that is the answer. */
static struct page *find_single_page(const struct words *words, struct pagemap **map, char *answer)
{
	u64 pfn;

	if (!number(words->word[1], &pfn)) {
		misread(answer, "page");
		return NULL;
	}
	answer_with(answer, UNSUPPORTED);
	*map = live_map_at(pfn);
	if (!*map || is_set_aside(*map, pfn) || !is_zone_device_page(pfn_to_page(pfn)))
		return NULL;
	return pfn_to_page(pfn);
}

/*
 * That page or its head. A page that was the tail of a hand-out that is over names a head still, which
 * may have been handed out again without it.
 */
static struct page *find_page(const struct words *words, struct pagemap **map, char *answer)
{
	struct page *page = find_single_page(words, map, answer);
	struct page *head = page ? compound_head(page) : NULL;

	if (page != head && page_to_pfn(page) - page_to_pfn(head) >= compound_nr(head))
		return NULL;
	return head;
}

static bool is_handed_out(const struct page *page)
{
	struct taken_page *taken;

	list_for_each_entry(taken, &taken_pages, link)
		if (taken->handed_out && page >= taken->page &&
		    page < taken->page + (1UL << taken->order))
			return true;
	return false;
}

#if PAGES_ARE_HANDED_OUT
static void hand_out(struct pagemap *map, struct page *page, unsigned int order)
{
#if PAGES_ARE_FOLIOS
	zone_device_page_init(page, map->pgmap, order);
#else
	zone_device_page_init(page);
#endif
	unlock_page(page);
}

/* The references that a map of another type gives for this do not come back. */
static bool can_be_handed_out(const struct pagemap *map, u64 first, u64 order)
{
	u64 pfn;

	if ((map->pgmap->type != MEMORY_DEVICE_PRIVATE &&
	     map->pgmap->type != MEMORY_DEVICE_COHERENT) ||
	    map->pgmap->vmemmap_shift != 0)
		return false;
	if (order > (PAGES_ARE_FOLIOS ? LARGEST_ORDER : 0) || !IS_ALIGNED(first, 1UL << order))
		return false;
	for (pfn = first; pfn < first + (1UL << order); pfn++)
		if (live_map_at(pfn) != map || is_set_aside(map, pfn) ||
		    page_ref_count(pfn_to_page(pfn)) != 0 || is_handed_out(pfn_to_page(pfn)))
			return false;
	return true;
}
#else
static void hand_out(struct pagemap *map, struct page *page, unsigned int order)
{
}

static bool can_be_handed_out(const struct pagemap *map, u64 first, u64 order)
{
	return false;
}
#endif

void answer_page_init(const struct words *words, char *answer)
{
	struct pagemap *map;
	struct page *page = find_single_page(words, &map, answer);
	struct taken_page *taken;
	u64 order = 0;

	if (words->count > 2 && !number(words->word[2], &order)) {
		misread(answer, "order");
		return;
	}
	if (!page || !can_be_handed_out(map, page_to_pfn(page), order))
		return;
	taken = remember(map, page);
	if (!taken)
		return;
	hand_out(map, page, order);
	taken->handed_out = true;
	taken->order = order;
	map->handed_out += 1UL << order;
	answer_with(answer, OK);
}

void answer_page_get(const struct words *words, char *answer)
{
	struct pagemap *map;
	struct page *page = find_page(words, &map, answer);

	if (page)
		take(map, page, answer);
}

void answer_page_put(const struct words *words, char *answer)
{
	struct pagemap *map;
	struct page *page = find_page(words, &map, answer);

	if (page)
		drop(page, answer);
}

void forget_pages_of(const struct pagemap *map)
{
	struct taken_page *taken, *next;

	list_for_each_entry_safe(taken, next, &taken_pages, link)
		if (taken->map == map)
			forget_page(taken);
}

void put_pages(void)
{
	struct taken_page *taken, *next;

	list_for_each_entry_safe(taken, next, &taken_pages, link) {
		put_page(taken->page);
		forget_page(taken);
	}
}
