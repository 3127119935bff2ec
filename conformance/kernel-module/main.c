// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/memremap_judge/operation: write one operation of the scenario language, read
 * its answer. Write "end" after a scenario: whatever it made and left is undone.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "judge.h"

#define LINE_BYTES 4096

static DEFINE_MUTEX(one_at_a_time);
static struct dentry *directory;
static char line[LINE_BYTES];
static char answer[ANSWER_BYTES];

typedef unsigned long lookup_name(const char *name);
static lookup_name *kernel_symbol;

void *kernel_function(const char *name)
{
	return kernel_symbol ? (void *)kernel_symbol(name) : NULL;
}

/* A probe is told the address of any function, also of the one that knows all others. */
static void find_kernel_symbols(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };

	if (register_kprobe(&probe))
		return;
	kernel_symbol = (lookup_name *)probe.addr;
	unregister_kprobe(&probe);
}

static void undo_all(void)
{
	put_lookups();
	put_pages();
	unmap_pagemaps();
	undo_devices();
	remove_left_sections();
	free_pagemaps();
	undo_mappings();
	undo_references();
	give_regions_back();
	zero_what_was_written();
}

void answer_machine(const struct words *words, char *answer)
{
	answer_with(answer, OK);
}

static void end_scenario(const struct words *words, char *answer)
{
	undo_all();
	answer_with(answer, OK);
}

static const struct {
	const char *word;
	void (*method)(const struct words *words, char *answer);
	int fewest;
	int most;
} methods[] = {
#define METHOD(word, method, fewest, most) { word, method, fewest, most },
	FOR_EACH_VERB(METHOD)
#undef METHOD
	/* These are not verbs of the language. */
	{ "end", end_scenario, 0, 0 },
	{ "ioremap", map_registers, 4, 4 },
	{ "cost", measure_cost, 1, 1 },
};

static void carry_out(void)
{
	struct words words;
	int arguments;
	int i;

	if (split(line, &words) || words.count == 0) {
		misread(answer, "line");
		return;
	}
	arguments = words.count - 1;
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		if (strcmp(words.word[0], methods[i].word))
			continue;
		if (arguments < methods[i].fewest || arguments > methods[i].most)
			misread(answer, "number of words");
		else
			methods[i].method(&words, answer);
		return;
	}
	answer_with(answer, UNSUPPORTED);
}

static ssize_t write_operation(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	if (size >= LINE_BYTES)
		return -E2BIG;
	mutex_lock(&one_at_a_time);
	if (copy_from_user(line, from, size)) {
		mutex_unlock(&one_at_a_time);
		return -EFAULT;
	}
	line[size] = '\0';
	carry_out();
	strlcat(answer, "\n", ANSWER_BYTES);
	mutex_unlock(&one_at_a_time);
	return size;
}

static ssize_t read_answer(struct file *file, char __user *to, size_t size, loff_t *at)
{
	ssize_t count;

	mutex_lock(&one_at_a_time);
	count = simple_read_from_buffer(to, size, at, answer, strlen(answer));
	mutex_unlock(&one_at_a_time);
	return count;
}

static const struct file_operations operation = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = read_answer,
	.write = write_operation,
	.llseek = default_llseek,
};

static int __init judge_start(void)
{
	int error;

	find_kernel_symbols();
	error = find_removal();
	if (!error)
		error = claim_memory();
	if (error) {
		release_memory();
		return error;
	}
	directory = debugfs_create_dir("memremap_judge", NULL);
	debugfs_create_file("operation", 0600, directory, NULL, &operation);
	return 0;
}

static void __exit judge_stop(void)
{
	debugfs_remove_recursive(directory);
	undo_all();
	release_memory();
}

module_init(judge_start);
module_exit(judge_stop);
MODULE_DESCRIPTION("Answers memremap scenarios with this kernel's own functions");
MODULE_LICENSE("GPL");
