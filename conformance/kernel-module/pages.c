// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/string.h>
#include <asm/pgtable.h>

#include "judge.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 15, 0)
/* The last argument came with an update of 6.12 and is not looked at by those before. */
typedef void remove_memory_range(u64 start, u64 size, struct vmem_altmap *altmap,
				 struct dev_pagemap *pgmap);
#define REMOVE(start, size, altmap, pgmap) remove(start, size, altmap, pgmap)
#else
typedef void remove_memory_range(int nid, u64 start, u64 size, struct vmem_altmap *altmap);
#define REMOVE(start, size, altmap, pgmap) remove(0, start, size, altmap)
#endif

static remove_memory_range *remove;

/* pfn_valid() says yes for all of a section that the kernel found at boot. */
bool has_page_structure(u64 pfn)
{
	struct mem_section *section;

	if (pfn >= 1ULL << (MAX_PHYSMEM_BITS - PAGE_SHIFT))
		return false;
	section = __pfn_to_section(pfn);
	return section && valid_section(section) &&
	       test_bit(subsection_map_index(pfn), section->usage->subsection_map);
}

static bool holds_ram(u64 pfn)
{
	u64 start = PFN_PHYS(ALIGN_DOWN(pfn, PAGES_PER_SUBSECTION));

	return region_intersects(start, PFN_PHYS(PAGES_PER_SUBSECTION), IORESOURCE_SYSTEM_RAM,
				 IORES_DESC_NONE) != REGION_DISJOINT;
}

bool is_set_aside(const struct pagemap *map, u64 pfn)
{
	const struct vmem_altmap *altmap = &map->pgmap->altmap;

	return map->pgmap->flags & PGMAP_ALTMAP_VALID &&
	       pfn < altmap->base_pfn + altmap->reserve + altmap->free;
}

static const char *name_of_map(struct page *page, const struct pagemap *map, u64 pfn)
{
	struct pagemap *found;

	/* These have something else where a map would stand. */
	if (is_set_aside(map, pfn))
		return "none";
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
	found = map_of(page_pgmap(page));
#else
	found = map_of(compound_head(page)->pgmap);
#endif
	return found ? found->name : "none";
}

void answer_page(const struct words *words, char *answer)
{
	struct pagemap *map;
	struct page *page;
	u64 pfn;

	if (!number(words->word[1], &pfn)) {
		misread(answer, "page");
		return;
	}
	if (!has_page_structure(pfn)) {
		answer_with(answer, "none");
		return;
	}
	page = pfn_to_page(pfn);
	map = live_map_at(pfn);
	if (!map) {
		/* What a failed call left there was never initialised. */
		answer_with(answer, holds_ram(pfn) ? "zone=normal" : UNSUPPORTED);
	} else if (map->pgmap->flags & PGMAP_ALTMAP_VALID && pfn >= map->pgmap->altmap.base_pfn &&
		   pfn - map->pgmap->altmap.base_pfn < map->pgmap->altmap.reserve) {
		answer_with(answer, UNSUPPORTED);
	} else if (!is_zone_device_page(page)) {
		answer_with(answer, "zone=normal");
	} else {
		answer_with(answer, "zone=device pgmap=%s ref=%d", name_of_map(page, map, pfn),
			    page_ref_count(page));
	}
}

int find_removal(void)
{
	remove = kernel_function("arch_remove_memory");
	return remove ? 0 : -ENOENT;
}

static bool is_left(u64 pfn)
{
	return has_page_structure(pfn) && !holds_ram(pfn);
}

/* Page structures go back to where they came from, which need not be the map they are found by. */
static struct vmem_altmap *altmap_that_holds_structures_of(u64 pfn)
{
	struct pagemap *map = NULL;
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)pfn_to_page(pfn), &level);
	u64 at;

	if (!entry || !pte_present(*entry))
		return NULL;
	at = level == PG_LEVEL_4K ? pte_pfn(*entry) : pmd_pfn(*(pmd_t *)entry);
	while ((map = next_failed_map(map)) != NULL) {
		struct vmem_altmap *altmap = &map->pgmap->altmap;

		if (map->pgmap->flags & PGMAP_ALTMAP_VALID && at >= altmap->base_pfn &&
		    at - altmap->base_pfn < altmap->reserve + altmap->free)
			return altmap;
	}
	return NULL;
}

static void remove_left_between(u64 first, u64 end, struct dev_pagemap *pgmap)
{
	u64 pfn = first;

	while (pfn < end) {
		u64 section_end = min_t(u64, end, ALIGN(pfn + 1, PAGES_PER_SECTION));
		u64 run_end = pfn;

		while (run_end < section_end && is_left(run_end))
			run_end += PAGES_PER_SUBSECTION;
		if (run_end == pfn) {
			pfn += PAGES_PER_SUBSECTION;
			continue;
		}
		REMOVE(PFN_PHYS(pfn), PFN_PHYS(run_end - pfn),
		       altmap_that_holds_structures_of(pfn), pgmap);
		pfn = run_end;
	}
}

void remove_left_sections(void)
{
	struct pagemap *map = NULL;

	while ((map = next_failed_map(map)) != NULL) {
		int i;

		for (i = 0; i < map->ranges; i++) {
			u64 first = ALIGN_DOWN(PHYS_PFN(map->range[i].start), PAGES_PER_SECTION);
			u64 last = PHYS_PFN(map->range[i].end);

			/*
			 * Whole sections, for another call may have left what lies beside it: 5.10
			 * cannot give back page structures in an altmap piece by piece.
			 */
			if (map->range[i].end >= map->range[i].start &&
			    last < 1ULL << (MAX_PHYSMEM_BITS - PAGE_SHIFT))
				remove_left_between(first, ALIGN(last + 1, PAGES_PER_SECTION),
						    map->pgmap);
		}
	}
}
