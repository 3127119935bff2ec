/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers operations of the scenario language by calling this kernel's own functions.
 *
 * One scenario at a time, one operation at a time: the file that takes operations holds a lock, so
 * nothing in here needs one.
 */
#ifndef MEMREMAP_JUDGE_H
#define MEMREMAP_JUDGE_H

#include <linux/list.h>
#include <linux/memremap.h>
#include <linux/percpu-refcount.h>
#include <linux/types.h>
#include <linux/version.h>

/* The caller's own reference went away, the map's own became a member. */
#define REFERENCE_IS_EMBEDDED (LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0))

/* A lookup had a hint until then, and not since. */
#define LOOKUPS_TAKE_A_HINT (LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0))

/* A hand-out has an order of its own since then, and what is freed is a folio. */
#define PAGES_ARE_FOLIOS (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0))

/* Pages of a device's memory are handed out by a call of the kernel's. */
#define PAGES_ARE_HANDED_OUT (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0))

/* A tail finds its head by a mask of its own address since then, so heads have to be aligned. */
#define HEADS_ARE_ALIGNED (LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0))

#define MAX_WORDS 16
/* Larger compound pages than the largest folio are refused since then, before anything is done. */
#define SHIFT_IS_LIMITED (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0))

#define LARGEST_ORDER 18
#define MAX_RANGES 16
#define NAME_BYTES 33
#define ANSWER_BYTES 160

#define OK "ok"
#define UNSUPPORTED "unsupported"
#define BUSY "busy"

struct words {
	int count;
	char *word[MAX_WORDS];
};

/*
 * The methods that answer the verbs of the language, answer_ref_get() for ref-get. Each is given as
 * many words as its usage allows. The file is not kept: VerbHeader generates it from the table of
 * verbs when the module is built.
 */
#include "verbs.h"

/* words.c: what a line is made of. */
int split(char *line, struct words *words);
bool number(const char *word, u64 *value);
bool span(char *word, u64 *start, u64 *size);
bool name_fits(const char *word);
bool has_word(const struct words *words, int from, const char *word);
const char *value_of(const struct words *words, int from, const char *key);

/* The line is not an operation that this module can read. */
void misread(char *answer, const char *why);
void answer_with(char *answer, const char *format, ...) __printf(2, 3);
void answer_error(char *answer, long error);

/* refs.c */
struct reference {
	struct list_head link;
	char name[NAME_BYTES];
	struct percpu_ref ref;
	struct percpu_ref_data *data;
	unsigned int released;
	unsigned int released_before;
	bool exited;
	bool of_live_map;
};

struct reference *find_reference(const char *name);
/* How many there are, the initial one included; not of one that was exited. */
long references_to(const struct reference *reference);
void undo_references(void);

/* devices.c */
struct judge_device {
	struct list_head link;
	char name[NAME_BYTES];
	struct device *device;
	void *group;
};

struct judge_device *find_device(const char *name);
void undo_devices(void);

/* pagemaps.c */
struct pagemap {
	struct list_head link;
	char name[NAME_BYTES];
	char owner[NAME_BYTES];
	struct dev_pagemap_ops ops;
	struct judge_device *managed_by;
	struct reference *caller;
	/* References that a live map has taken on its caller's. */
	long taken_from_caller;
	bool has_ops;
	/* Of a type, or of compound pages, that this kernel knows nothing of. */
	bool unknown;
	bool live;
	/* A call failed and may have left sections. */
	bool failed;
	/* References that lookups took and that would be waited for. */
	unsigned long held;
	/* References to its pages that a scenario took. */
	unsigned long pages_held;
	/* Pages that were handed out and are not free again: each has a reference of the map. */
	unsigned long handed_out;
	int ranges;
	struct range range[MAX_RANGES];
	/* Its last member has a variable size. */
	struct dev_pagemap *pgmap;
};

bool managed_map_is_busy(const struct judge_device *device);
void forget_managed_maps(const struct judge_device *device);
struct pagemap *map_of(const struct dev_pagemap *pgmap);
struct pagemap *live_map_at(u64 pfn);
struct pagemap *next_failed_map(struct pagemap *after);
void put_lookups(void);
void unmap_pagemaps(void);
void free_pagemaps(void);

/* pages.c: page structures, and what a failed call leaves of them. */
bool has_page_structure(u64 pfn);
bool is_set_aside(const struct pagemap *map, u64 pfn);
int find_removal(void);
void remove_left_sections(void);

/* page_refs.c: references to pages. */
void forget_pages_of(const struct pagemap *map);
void put_pages(void);

/* mappings.c */
void map_registers(const struct words *words, char *answer);
void undo_mappings(void);

/* memory.c: where the module has bytes for itself, and which of them were written. */
int claim_memory(void);
void release_memory(void);
bool is_memory(u64 start, u64 size);
bool held_page_structures(u64 start, u64 size);
bool mark_written(u64 start, u64 size, bool page_structures);
void zero_what_was_written(void);

/* regions.c: ranges that were taken where nothing was. */
void give_regions_back(void);

/* cost.c */
void measure_cost(const struct words *words, char *answer);

/* main.c: a kernel function that is not exported to modules, NULL if it is missing. */
void *kernel_function(const char *name);

#endif
