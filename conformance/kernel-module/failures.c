// SPDX-License-Identifier: GPL-2.0-only
#include <linux/memory_hotplug.h>
#include <linux/mm.h>

#include "judge.h"

void answer_memory_failure(const struct words *words, char *answer)
{
	const struct pagemap *map;
	int error;
	u64 pfn;

	if (!number(words->word[1], &pfn)) {
		misread(answer, "page");
		return;
	}
	map = live_map_at(pfn);
	/*
	 * The kernel's own RAM would be lost; what a failed call or an altmap has was never initialised.
	 * 5.10 takes a map's page for RAM where RAM is in its section, and the map could never end.
	 */
	if (map ? is_set_aside(map, pfn) || pfn_to_online_page(pfn) : has_page_structure(pfn)) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	error = memory_failure(pfn, 0);
	if (error)
		answer_error(answer, error);
	else
		answer_with(answer, OK);
}
