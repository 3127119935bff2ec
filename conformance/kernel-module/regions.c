// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "judge.h"

/* Some kernels lack these, and one is exported for CXL alone. */
typedef struct resource *request_free(struct resource *base, unsigned long size, const char *name);
typedef struct resource *request_managed(struct device *device, struct resource *base,
					 unsigned long size);
typedef struct resource *alloc_free(struct resource *base, unsigned long size, unsigned long align,
				    const char *name);

/* A range that no device manages. */
struct taken_region {
	struct list_head link;
	struct resource *resource;
	bool inserted;
};

static LIST_HEAD(taken_regions);

/* The outermost one with these ends. */
static struct resource *find_base(struct resource *within, u64 start, u64 end)
{
	struct resource *child;

	if (within->start == start && within->end == end)
		return within;
	for (child = within->child; child; child = child->sibling)
		if (child->start <= start && child->end >= end)
			return find_base(child, start, end);
	return NULL;
}

static struct resource *take(struct resource *base, u64 size, u64 align, struct judge_device *device)
{
	request_managed *managed = kernel_function("devm_request_free_mem_region");
	request_free *request = kernel_function("request_free_mem_region");
	alloc_free *alloc = kernel_function("alloc_free_mem_region");

	if (align)
		return alloc ? alloc(base, size, align, "memremap judge") : NULL;
	if (device)
		return managed ? managed(device->device, base, size) : NULL;
	return request ? request(base, size, "memremap judge") : NULL;
}

void answer_free_region(const struct words *words, char *answer)
{
	const char *align_text = value_of(words, 3, "align");
	const char *name = value_of(words, 3, "dev");
	struct judge_device *device = name ? find_device(name) : NULL;
	struct taken_region *taken;
	struct resource *base, *found;
	u64 start, range, size, align = 0;

	if (!span(words->word[1], &start, &range) || !number(words->word[2], &size) ||
	    (align_text && !number(align_text, &align)) || (name && !device)) {
		misread(answer, "free region");
		return;
	}
	answer_with(answer, UNSUPPORTED);
	base = find_base(&iomem_resource, start, start + range - 1);
	if (!base || !size || (align_text && (!is_power_of_2(align) || device)))
		return;
	taken = kzalloc(sizeof(*taken), GFP_KERNEL);
	found = taken ? take(base, size, align, device) : NULL;
	if (IS_ERR_OR_NULL(found)) {
		kfree(taken);
		if (found)
			answer_error(answer, PTR_ERR(found));
		return;
	}
	answer_with(answer, OK " start=0x%llx size=0x%llx", (u64)found->start,
		    (u64)resource_size(found));
	if (device) {
		kfree(taken);
		return;
	}
	taken->resource = found;
	taken->inserted = align != 0;
	list_add(&taken->link, &taken_regions);
}

void give_regions_back(void)
{
	struct taken_region *taken, *next;

	list_for_each_entry_safe(taken, next, &taken_regions, link) {
		list_del(&taken->link);
		if (taken->inserted) {
			remove_resource(taken->resource);
			kfree(taken->resource);
		} else {
			release_mem_region(taken->resource->start, resource_size(taken->resource));
		}
		kfree(taken);
	}
}
