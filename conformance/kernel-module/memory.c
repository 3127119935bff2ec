// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ioport.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "judge.h"

#define MAX_PLACES 8

struct place {
	u64 start;
	u64 size;
};

struct written {
	struct list_head link;
	struct place place;
	bool page_structures;
};

static char *memory[MAX_PLACES];
static int memory_count;
module_param_array(memory, charp, &memory_count, 0444);
MODULE_PARM_DESC(memory, "START+SIZE: no RAM of the kernel's, but bytes that can be written");

static char *ram[MAX_PLACES];
static int ram_count;
module_param_array(ram, charp, &ram_count, 0444);
MODULE_PARM_DESC(ram, "START+SIZE: RAM to take from the kernel, so that it can be written");

static struct place places[2 * MAX_PLACES];
static int place_count;
static struct place claimed[MAX_PLACES];
static int claimed_count;
static LIST_HEAD(all_written);

/*
 * Neither is there for modules; the page allocator's last argument came and went, and is not looked
 * at. Its name changed when allocations came to be profiled.
 */
typedef int take_range(unsigned long start, unsigned long end, unsigned int type, gfp_t gfp);
typedef void give_range(unsigned long pfn, unsigned long pages);

static int add_place(const char *text, struct place *place)
{
	char copy[64];

	if (strscpy(copy, text, sizeof(copy)) < 0 || !span(copy, &place->start, &place->size)) {
		pr_err("memremap_judge: not START+SIZE: %s\n", text);
		return -EINVAL;
	}
	places[place_count++] = *place;
	return 0;
}

static take_range *find_take(void)
{
	take_range *take = kernel_function("alloc_contig_range_noprof");

	return take ? take : kernel_function("alloc_contig_range");
}

int claim_memory(void)
{
	take_range *take = find_take();
	struct place place;
	int error;
	int i;

	for (i = 0; i < memory_count; i++) {
		error = add_place(memory[i], &place);
		if (error)
			return error;
	}
	for (i = 0; i < ram_count; i++) {
		error = add_place(ram[i], &place);
		if (error)
			return error;
		if (!take) {
			pr_err("memremap_judge: this kernel has no alloc_contig_range\n");
			return -ENOENT;
		}
		error = take(PHYS_PFN(place.start), PHYS_PFN(place.start + place.size),
			     MIGRATE_MOVABLE, GFP_KERNEL);
		if (error) {
			pr_err("memremap_judge: RAM at %s is in use\n", ram[i]);
			return error;
		}
		claimed[claimed_count++] = place;
		memset(__va(place.start), 0, place.size);
	}
	return 0;
}

void release_memory(void)
{
	give_range *give = kernel_function("free_contig_range");

	while (give && claimed_count-- > 0)
		give(PHYS_PFN(claimed[claimed_count].start), PHYS_PFN(claimed[claimed_count].size));
}

bool is_memory(u64 start, u64 size)
{
	int i;

	for (i = 0; i < place_count; i++)
		if (start >= places[i].start && start - places[i].start <= places[i].size &&
		    size <= places[i].size - (start - places[i].start))
			return true;
	return false;
}

bool held_page_structures(u64 start, u64 size)
{
	struct written *written;

	list_for_each_entry(written, &all_written, link)
		if (written->page_structures && start < written->place.start + written->place.size &&
		    written->place.start < start + size)
			return true;
	return false;
}

bool mark_written(u64 start, u64 size, bool page_structures)
{
	struct written *written = kmalloc(sizeof(*written), GFP_KERNEL);

	if (!written)
		return false;
	written->place.start = start;
	written->place.size = size;
	written->page_structures = page_structures;
	list_add(&written->link, &all_written);
	return true;
}

static void zero(u64 start, u64 end)
{
	void *at = memremap(start, end - start, MEMREMAP_WB);

	if (!at) {
		pr_err("memremap_judge: memory at 0x%llx stays as it was written\n", start);
		return;
	}
	memset(at, 0, end - start);
	memunmap(at);
}

void zero_what_was_written(void)
{
	struct written *written, *next;
	int i;

	list_for_each_entry_safe(written, next, &all_written, link) {
		/* A call that was refused may have named any place. */
		for (i = 0; i < place_count; i++) {
			u64 start = max(written->place.start, places[i].start);
			u64 end = min(written->place.start + written->place.size,
				      places[i].start + places[i].size);

			if (start < end)
				zero(start, end);
		}
		list_del(&written->link);
		kfree(written);
	}
}
