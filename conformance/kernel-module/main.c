// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/memremap_judge/operation: write one operation of the scenario language, read
 * its answer. Write "end" after a scenario: whatever it made and left is undone.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
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
	zero_what_was_written();
}

static void carry_out(void)
{
	struct words words;
	const char *verb;

	if (split(line, &words) || words.count == 0) {
		misread(answer, "line");
		return;
	}
	verb = words.word[0];
	if (!strcmp(verb, "machine")) {
		answer_with(answer, OK);
	} else if (!strcmp(verb, "end")) {
		undo_all();
		answer_with(answer, OK);
	} else if (!strcmp(verb, "region") || !strcmp(verb, "memremap") ||
		   !strcmp(verb, "memunmap") || !strcmp(verb, "load") || !strcmp(verb, "store")) {
		answer_mapping(&words, answer);
	} else if (!strcmp(verb, "ref") || !strncmp(verb, "ref-", 4)) {
		answer_reference(&words, answer);
	} else if (!strcmp(verb, "device") || !strcmp(verb, "device-release")) {
		answer_device(&words, answer);
	} else if (!strcmp(verb, "pgmap") || !strcmp(verb, "remap-pages") ||
		   !strcmp(verb, "unmap-pages") || !strcmp(verb, "lookup") || !strcmp(verb, "put") ||
		   !strcmp(verb, "altmap")) {
		answer_pagemap(&words, answer);
	} else if (!strcmp(verb, "page")) {
		answer_page(&words, answer);
	} else if (!strcmp(verb, "page-get") || !strcmp(verb, "page-put")) {
		answer_page_reference(&words, answer);
	} else if (!strcmp(verb, "cost")) {
		answer_cost(&words, answer);
	} else {
		answer_with(answer, UNSUPPORTED);
	}
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
