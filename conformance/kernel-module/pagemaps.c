// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "judge.h"

/* Its page structures alone would take a sixteenth of a small guest. */
#define TOO_LARGE_TO_ADD (8ULL << 30)

#define SUBSECTION (1ULL << SUBSECTION_SHIFT)

/* The reference that a lookup took. */
struct taken {
	struct list_head link;
	char name[NAME_BYTES];
	struct pagemap *map;
};

static LIST_HEAD(maps);
static LIST_HEAD(lookups);

static struct pagemap *find_map(const char *name)
{
	struct pagemap *map;

	list_for_each_entry(map, &maps, link)
		if (!strcmp(map->name, name))
			return map;
	return NULL;
}

struct pagemap *map_of(const struct dev_pagemap *pgmap)
{
	struct pagemap *map;

	list_for_each_entry(map, &maps, link)
		if (map->pgmap == pgmap)
			return map;
	return NULL;
}

struct pagemap *live_map_at(u64 pfn)
{
	struct pagemap *map;
	int i;

	list_for_each_entry(map, &maps, link)
		for (i = 0; map->live && i < map->ranges; i++)
			if (pfn >= PHYS_PFN(map->range[i].start) &&
			    pfn <= PHYS_PFN(map->range[i].end))
				return map;
	return NULL;
}

struct pagemap *next_failed_map(struct pagemap *after)
{
	struct pagemap *map = after ? after : list_entry(&maps, struct pagemap, link);

	list_for_each_entry_continue(map, &maps, link)
		if (map->failed)
			return map;
	return NULL;
}

#if PAGES_ARE_FOLIOS
#define page_free folio_free
static void on_page_free(struct folio *folio)
{
}
#else
static void on_page_free(struct page *page)
{
}
#endif

static vm_fault_t on_migrate_to_ram(struct vm_fault *fault)
{
	return VM_FAULT_SIGBUS;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 19, 0)
static int on_memory_failure(struct dev_pagemap *pgmap, unsigned long pfn, unsigned long pages,
			     int flags)
{
	return -EOPNOTSUPP;
}
#endif

#if !REFERENCE_IS_EMBEDDED
static void on_kill(struct dev_pagemap *pgmap)
{
	/* The scenario may have done so; a second kill would take a reference of somebody else's. */
	if (!percpu_ref_is_dying(pgmap->ref))
		percpu_ref_kill(pgmap->ref);
}

static void on_cleanup(struct dev_pagemap *pgmap)
{
	struct reference *reference = container_of(pgmap->ref, struct reference, ref);

	/* All holders have put it: an unmap that would have waited was answered busy. */
	rcu_barrier();
	percpu_ref_exit(pgmap->ref);
	reference->exited = true;
}
#endif

static bool read_ops(struct pagemap *map, char *list)
{
	char *name;

	while ((name = strsep(&list, ",")) != NULL) {
		if (!strcmp(name, "page_free"))
			map->ops.page_free = on_page_free;
		else if (!strcmp(name, "migrate_to_ram"))
			map->ops.migrate_to_ram = on_migrate_to_ram;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 19, 0)
		else if (!strcmp(name, "memory_failure"))
			map->ops.memory_failure = on_memory_failure;
#else
		else if (!strcmp(name, "memory_failure"))
			continue;
#endif
		else
			return false;
	}
	map->has_ops = true;
	return true;
}

/* The type's value here; -1 where this kernel does not know it. */
static int type_value(const char *type)
{
	if (!strcmp(type, "0"))
		return 0;
	if (!strcmp(type, "PRIVATE"))
		return MEMORY_DEVICE_PRIVATE;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
	if (!strcmp(type, "COHERENT"))
		return MEMORY_DEVICE_COHERENT;
#endif
	if (!strcmp(type, "FS_DAX"))
		return MEMORY_DEVICE_FS_DAX;
	if (!strcmp(type, "GENERIC"))
		return MEMORY_DEVICE_GENERIC;
	if (!strcmp(type, "PCI_P2PDMA"))
		return MEMORY_DEVICE_PCI_P2PDMA;
	return -1;
}

static bool read_ranges(struct pagemap *map, char *list)
{
	char *text;

	while ((text = strsep(&list, ",")) != NULL) {
		u64 start, size;

		if (map->ranges == MAX_RANGES || !span(text, &start, &size))
			return false;
		map->range[map->ranges].start = start;
		map->range[map->ranges].end = start + size - 1;
		map->ranges++;
	}
	return map->ranges > 0;
}

static bool read_altmap(struct pagemap *map, char *text)
{
	char *comma = strchr(text, ',');
	u64 reserve, free;

	if (!comma)
		return false;
	*comma = '\0';
	if (!number(text, &reserve) || !number(comma + 1, &free))
		return false;
	{
		/* Some of its members are constant. */
		struct vmem_altmap altmap = {
			.base_pfn = PHYS_PFN(map->range[0].start),
			.end_pfn = PHYS_PFN(map->range[0].end),
			.reserve = reserve,
			.free = free,
		};

		memcpy(&map->pgmap->altmap, &altmap, sizeof(altmap));
	}
	map->pgmap->flags |= PGMAP_ALTMAP_VALID;
	return true;
}

static bool fill(struct pagemap *map, const struct words *words)
{
	const char *owner = value_of(words, 2, "owner");
	const char *altmap = value_of(words, 2, "altmap");
	const char *ops = value_of(words, 2, "ops");
	const char *shift = value_of(words, 2, "shift");
	const char *range = value_of(words, 2, "range");
	u64 order;

	if (!range || !read_ranges(map, (char *)range))
		return false;
	if (altmap && !read_altmap(map, (char *)altmap))
		return false;
	if (ops && !read_ops(map, (char *)ops))
		return false;
	if (owner) {
		strscpy(map->owner, owner, NAME_BYTES);
		map->pgmap->owner = map->owner;
	}
	if (shift) {
		if (!number(shift, &order))
			return false;
#if REFERENCE_IS_EMBEDDED
		map->pgmap->vmemmap_shift = order;
#else
		map->unknown |= order != 0;
#endif
	}
#if !REFERENCE_IS_EMBEDDED
	if (map->caller) {
		map->ops.kill = on_kill;
		map->ops.cleanup = on_cleanup;
		map->has_ops = true;
		map->pgmap->ref = &map->caller->ref;
	}
#endif
	map->pgmap->ops = map->has_ops ? &map->ops : NULL;
	return true;
}

void answer_pgmap(const struct words *words, char *answer)
{
	const char *type = value_of(words, 2, "type");
	const char *ref = value_of(words, 2, "ref");
	struct pagemap *map;

	if (!type || !name_fits(words->word[1]) || find_map(words->word[1])) {
		misread(answer, "pgmap");
		return;
	}
	answer_with(answer, UNSUPPORTED);
	if (REFERENCE_IS_EMBEDDED && ref)
		return;
	map = kzalloc(sizeof(*map), GFP_KERNEL);
	if (!map)
		return;
	map->pgmap = kzalloc(sizeof(*map->pgmap) + sizeof(map->range), GFP_KERNEL);
	if (!map->pgmap) {
		kfree(map);
		return;
	}
	strscpy(map->name, words->word[1], NAME_BYTES);
	map->unknown = type_value(type) < 0;
	map->pgmap->type = max(type_value(type), 0);
	map->caller = ref ? find_reference(ref) : NULL;
	if ((ref && !map->caller) || !fill(map, words)) {
		kfree(map->pgmap);
		kfree(map);
		misread(answer, "pgmap");
		return;
	}
	list_add(&map->link, &maps);
	answer_with(answer, OK);
}

/*
 * Heads are counted from the range's start, aligned or not; but in a section that a compound page
 * reaches into, the kernel takes all for tails.
 */
static bool is_within_a_section(const struct pagemap *map, int range)
{
	u64 start = map->range[range].start;

	return !HEADS_ARE_ALIGNED && IS_ALIGNED(start, SUBSECTION) &&
	       start >> SECTION_SIZE_BITS == map->range[range].end >> SECTION_SIZE_BITS;
}

static bool is_whole_compounds(const struct pagemap *map)
{
	const struct vmem_altmap *altmap = &map->pgmap->altmap;
	unsigned long shift = 0;
	u64 bytes;
	int i;

#if REFERENCE_IS_EMBEDDED
	shift = map->pgmap->vmemmap_shift;
#endif
	if (shift == 0)
		return true;
#if SHIFT_IS_LIMITED
	if (shift > MAX_FOLIO_ORDER)
		return true;
#endif
	if (shift > LARGEST_ORDER)
		return false;
	bytes = PAGE_SIZE << shift;
	for (i = 0; i < map->ranges; i++)
		if (!IS_ALIGNED(map->range[i].end + 1 - map->range[i].start, bytes) ||
		    (!IS_ALIGNED(map->range[i].start, bytes) && !is_within_a_section(map, i)))
			return false;
	return !(map->pgmap->flags & PGMAP_ALTMAP_VALID) ||
	       IS_ALIGNED(altmap->reserve + altmap->free, 1UL << shift);
}

/* The kernel writes page structures there, and ends when they are not what it wrote. */
static bool altmap_is_survived(const struct pagemap *map)
{
	const struct vmem_altmap *altmap = &map->pgmap->altmap;
	u64 start = map->range[0].start;
	u64 bytes = map->range[0].end + 1 - start;
	u64 pages = bytes >> PAGE_SHIFT;

	if (!(map->pgmap->flags & PGMAP_ALTMAP_VALID))
		return true;
	if (altmap->reserve + altmap->free == pages)
		return false;
	/* Refused before anything is written. */
	if (altmap->reserve + altmap->free > pages ||
	    region_intersects(start, bytes, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) !=
		    REGION_DISJOINT)
		return true;
	return is_memory(ALIGN_DOWN(start, PAGE_SIZE), PFN_PHYS(altmap->reserve + altmap->free));
}

/* Only whole sections take their page structures from an altmap; a call that fails may have written. */
static bool takes_from_altmap(const struct pagemap *map)
{
	u64 first = ALIGN(map->range[0].start, 1ULL << SECTION_SIZE_BITS);

	return map->pgmap->flags & PGMAP_ALTMAP_VALID && map->range[0].end > first &&
	       map->range[0].end - first >= (1ULL << SECTION_SIZE_BITS) - 1;
}

static bool fits_the_guest(const struct pagemap *map)
{
	int i;

	for (i = 0; i < map->ranges; i++) {
		u64 start = map->range[i].start;
		u64 size = map->range[i].end + 1 - start;

		if (size > TOO_LARGE_TO_ADD && map->range[i].end > start &&
		    map->range[i].end < 1ULL << MAX_PHYSMEM_BITS &&
		    IS_ALIGNED(start >> PAGE_SHIFT, SUBSECTION >> PAGE_SHIFT) &&
		    IS_ALIGNED(size >> PAGE_SHIFT, SUBSECTION >> PAGE_SHIFT) &&
		    region_intersects(start, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) ==
			    REGION_DISJOINT)
			return false;
	}
	return true;
}

/* It is exited when the map goes or fails, so other maps must not need it then. */
static bool can_be_brought(struct reference *reference)
{
	return !reference->exited && !reference->of_live_map &&
	       !(percpu_ref_is_dying(&reference->ref) && references_to(reference) != 0);
}

static bool is_survived(const struct pagemap *map)
{
	if (map->live || map->unknown)
		return false;
	if (map->caller && !can_be_brought(map->caller))
		return false;
	if (map->pgmap->type == MEMORY_DEVICE_PRIVATE && !IS_ENABLED(CONFIG_DEVICE_PRIVATE))
		return false;
	/* Unmapping gives the altmap's pages to the page allocator. */
	if (map->pgmap->type == MEMORY_DEVICE_PRIVATE && takes_from_altmap(map))
		return false;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
	if (map->pgmap->type == MEMORY_DEVICE_COHERENT && !map->has_ops)
		return false;
#endif
	return is_whole_compounds(map) && altmap_is_survived(map) && fits_the_guest(map);
}

/* Where a range ends within a page, undoing it fills the rest of that page with marks. */
static void mark_torn_pages(const struct pagemap *map)
{
	int i;

	for (i = 0; i < map->ranges; i++) {
		u64 start = map->range[i].start;
		u64 size = map->range[i].end + 1 - start;

		if (!PAGE_ALIGNED(start) || !PAGE_ALIGNED(size))
			mark_written(ALIGN_DOWN(start, PAGE_SIZE), size + PAGE_SIZE, false);
	}
}

/* The map that a line names; NULL where its pgmap line could not be carried out. */
static struct pagemap *named(const struct words *words, char *answer)
{
	struct pagemap *map = find_map(words->word[1]);

	if (!map)
		answer_with(answer, UNSUPPORTED);
	return map;
}

/* The device of dev=, NULL without it. */
static bool find_through(const struct words *words, struct judge_device **device, char *answer)
{
	const char *name = value_of(words, 2, "dev");

	*device = name ? find_device(name) : NULL;
	if (!name || *device)
		return true;
	misread(answer, "device");
	return false;
}

void answer_remap_pages(const struct words *words, char *answer)
{
	struct pagemap *map = named(words, answer);
	struct judge_device *device;
	struct vmem_altmap *altmap;
	long before = 0;
	void *at;

	if (!map || !find_through(words, &device, answer))
		return;
	altmap = &map->pgmap->altmap;
	if (!is_survived(map)) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	if (map->caller)
		before = references_to(map->caller);
	map->pgmap->nr_range = map->ranges;
	memcpy(map->pgmap->ranges, map->range, sizeof(map->range));
	at = device ? devm_memremap_pages(device->device, map->pgmap) :
		      memremap_pages(map->pgmap, NUMA_NO_NODE);
	mark_torn_pages(map);
	if (takes_from_altmap(map))
		mark_written(PFN_PHYS(altmap->base_pfn + altmap->reserve), PFN_PHYS(altmap->free),
			     true);
	if (IS_ERR(at)) {
		map->failed = true;
		answer_error(answer, PTR_ERR(at));
		return;
	}
	map->live = true;
	map->managed_by = device;
	if (map->caller) {
		map->caller->of_live_map = true;
		map->taken_from_caller = references_to(map->caller) - before;
	}
	answer_with(answer, "ok direct=%s", at == __va(map->range[0].start) ? "yes" : "no");
}

static void forget(struct pagemap *map)
{
	forget_pages_of(map);
	map->live = false;
	map->managed_by = NULL;
	if (map->caller)
		map->caller->of_live_map = false;
}

/* References on its caller's that are neither its own nor the initial one; 0 without a caller's. */
static long held_by_others(const struct pagemap *map)
{
	struct reference *caller = map->caller;

	if (!caller)
		return 0;
	return references_to(caller) - map->taken_from_caller -
	       (percpu_ref_is_dying(&caller->ref) ? 0 : 1);
}

/* Older kernels wait for pages, too: there the map's reference goes with the last of each page. */
static bool would_wait(const struct pagemap *map)
{
	return map->held > 0 || map->handed_out > 0 || held_by_others(map) > 0 ||
	       (!REFERENCE_IS_EMBEDDED && map->pages_held > 0);
}

void answer_unmap_pages(const struct words *words, char *answer)
{
	struct pagemap *map = named(words, answer);
	struct judge_device *device;

	if (!map || !find_through(words, &device, answer))
		return;
	if (device && map->managed_by != device) {
		/* The kernel warns that it does not manage the map, and that is all. */
		devm_memunmap_pages(device->device, map->pgmap);
		answer_with(answer, OK);
	} else if (!map->live || map->managed_by != device) {
		/* It would be released twice. */
		answer_with(answer, UNSUPPORTED);
	} else if (would_wait(map)) {
		answer_with(answer, BUSY);
	} else {
		if (device)
			devm_memunmap_pages(device->device, map->pgmap);
		else
			memunmap_pages(map->pgmap);
		forget(map);
		answer_with(answer, OK);
	}
}

bool managed_map_is_busy(const struct judge_device *device)
{
	struct pagemap *map;

	list_for_each_entry(map, &maps, link)
		if (map->live && map->managed_by == device && would_wait(map))
			return true;
	return false;
}

void forget_managed_maps(const struct judge_device *device)
{
	struct pagemap *map;

	list_for_each_entry(map, &maps, link)
		if (map->live && map->managed_by == device)
			forget(map);
}

static struct taken *find_taken(const char *name)
{
	struct taken *taken;

	list_for_each_entry(taken, &lookups, link)
		if (!strcmp(taken->name, name))
			return taken;
	return NULL;
}

static void drop(struct taken *taken)
{
	taken->map->held--;
	list_del(&taken->link);
	kfree(taken);
}

void answer_lookup(const struct words *words, char *answer)
{
	const char *hint_name = value_of(words, 3, "hint");
	struct taken *hint = hint_name ? find_taken(hint_name) : NULL;
	struct dev_pagemap *found;
	struct taken *taken;
	u64 pfn;

	if (!name_fits(words->word[1]) || !number(words->word[2], &pfn)) {
		misread(answer, "lookup");
		return;
	}
	taken = kzalloc(sizeof(*taken), GFP_KERNEL);
	answer_with(answer, UNSUPPORTED);
	if (!taken || (hint_name && !hint) || find_taken(words->word[1])) {
		kfree(taken);
		return;
	}
#if LOOKUPS_TAKE_A_HINT
	found = get_dev_pagemap(pfn, hint ? hint->map->pgmap : NULL);
#else
	found = get_dev_pagemap(pfn);
	/* A driver puts what it would have given as a hint. */
	if (hint)
		put_dev_pagemap(hint->map->pgmap);
#endif
	/* Whatever became of the hint's reference, the hint does not have it any more. */
	if (hint)
		drop(hint);
	if (!found) {
		kfree(taken);
		answer_with(answer, "none");
		return;
	}
	taken->map = map_of(found);
	if (!taken->map) {
		put_dev_pagemap(found);
		kfree(taken);
		return;
	}
	taken->map->held++;
	strscpy(taken->name, words->word[1], NAME_BYTES);
	list_add(&taken->link, &lookups);
	answer_with(answer, "pgmap=%s", taken->map->name);
}

void answer_put(const struct words *words, char *answer)
{
	struct taken *taken = find_taken(words->word[1]);

	if (!taken) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	put_dev_pagemap(taken->map->pgmap);
	drop(taken);
	answer_with(answer, OK);
}

void answer_altmap(const struct words *words, char *answer)
{
	const struct pagemap *map = named(words, answer);
	const struct vmem_altmap *altmap;

	if (!map)
		return;
	altmap = &map->pgmap->altmap;
	if (map->pgmap->flags & PGMAP_ALTMAP_VALID)
		answer_with(answer, "base=0x%lx reserve=%lu free=%lu align=%lu alloc=%lu",
			    altmap->base_pfn, altmap->reserve, altmap->free, altmap->align,
			    altmap->alloc);
	else
		answer_with(answer, "none");
}

void put_lookups(void)
{
	struct taken *taken, *next;

	list_for_each_entry_safe(taken, next, &lookups, link) {
		put_dev_pagemap(taken->map->pgmap);
		drop(taken);
	}
}

void unmap_pagemaps(void)
{
	struct pagemap *map;

	list_for_each_entry(map, &maps, link)
		if (map->live && !map->managed_by) {
			memunmap_pages(map->pgmap);
			forget(map);
		}
}

void free_pagemaps(void)
{
	struct pagemap *map, *next;

	list_for_each_entry_safe(map, next, &maps, link) {
		list_del(&map->link);
		kfree(map->pgmap);
		kfree(map);
	}
}
