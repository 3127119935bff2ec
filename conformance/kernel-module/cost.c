// SPDX-License-Identifier: GPL-2.0-only
/*
 * "cost START+SIZE", which is not an operation of the scenario language: what a GENERIC page map of the
 * range costs this kernel. The range is memory that the module was given and that is not mapped.
 */
#include <linux/ktime.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "judge.h"

void measure_cost(const struct words *words, char *answer)
{
	struct dev_pagemap *pgmap;
	u64 start, size, begun, made, undone;
	void *at;

	if (!span(words->word[1], &start, &size) || !size) {
		misread(answer, "range");
		return;
	}
	if (!is_memory(start, size)) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	pgmap = kzalloc(sizeof(*pgmap), GFP_KERNEL);
	if (!pgmap) {
		answer_with(answer, "error ENOMEM");
		return;
	}
	pgmap->type = MEMORY_DEVICE_GENERIC;
	pgmap->nr_range = 1;
	pgmap->range.start = start;
	pgmap->range.end = start + size - 1;
	begun = ktime_get_ns();
	at = memremap_pages(pgmap, NUMA_NO_NODE);
	made = ktime_get_ns();
	if (IS_ERR(at)) {
		answer_with(answer, "error %ld", -PTR_ERR(at));
	} else {
		memunmap_pages(pgmap);
		undone = ktime_get_ns();
		answer_with(answer, "ok make=%llu undo=%llu page=%zu", made - begun,
			    undone - made, sizeof(struct page));
	}
	kfree(pgmap);
}
