// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "judge.h"

/* A reference that the scenario took on a page, and that must not outlive the page's map. */
struct taken_page {
	struct list_head link;
	struct pagemap *map;
	struct page *page;
};

static LIST_HEAD(taken_pages);

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
	list_del(&taken->link);
	kfree(taken);
}

static void take(struct pagemap *map, struct page *page, char *answer)
{
	struct taken_page *taken;

	/* A free page has no reference of the map's; a kernel that checks itself ends here. */
	if (page_ref_count(page) <= 0)
		return;
	taken = kzalloc(sizeof(*taken), GFP_KERNEL);
	if (!taken)
		return;
	get_page(page);
	taken->map = map;
	taken->page = page;
	map->pages_held++;
	list_add(&taken->link, &taken_pages);
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

/* The page that a line names, or its head; NULL where no map has it, and that is the answer. */
static struct page *find_page(const struct words *words, struct pagemap **map, char *answer)
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
	return compound_head(pfn_to_page(pfn));
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
