// SPDX-License-Identifier: GPL-2.0-only
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "judge.h"

#define COUNTERS_MASK (~(unsigned long)__PERCPU_REF_ATOMIC_DEAD)

static LIST_HEAD(references);
static DECLARE_COMPLETION(confirmed);

static void on_release(struct percpu_ref *ref)
{
	container_of(ref, struct reference, ref)->released++;
}

static void on_confirm(struct percpu_ref *ref)
{
	complete(&confirmed);
}

struct reference *find_reference(const char *name)
{
	struct reference *reference;

	list_for_each_entry(reference, &references, link)
		if (!strcmp(reference->name, name))
			return reference;
	return NULL;
}

long references_to(const struct reference *reference)
{
	const struct percpu_ref *ref = &reference->ref;
	unsigned long count = atomic_long_read(&reference->data->count);
	int cpu;

	if (ref->percpu_count_ptr & __PERCPU_REF_ATOMIC)
		return count;
	/* The counter of all processors starts half way, so that it cannot come to zero. */
	count -= 1UL << (BITS_PER_LONG - 1);
	for_each_possible_cpu(cpu)
		count += *per_cpu_ptr((unsigned long __percpu *)(ref->percpu_count_ptr &
								 COUNTERS_MASK),
				      cpu);
	return count;
}

void answer_ref(const struct words *words, char *answer)
{
	struct reference *reference = kzalloc(sizeof(*reference), GFP_KERNEL);
	unsigned int flags = 0;

	if (has_word(words, 2, "atomic"))
		flags |= PERCPU_REF_INIT_ATOMIC;
	if (has_word(words, 2, "dead"))
		flags |= PERCPU_REF_INIT_DEAD;
	if (has_word(words, 2, "reinit"))
		flags |= PERCPU_REF_ALLOW_REINIT;
	if (!name_fits(words->word[1])) {
		kfree(reference);
		misread(answer, "name");
		return;
	}
	if (!reference || percpu_ref_init(&reference->ref, on_release, flags, GFP_KERNEL)) {
		kfree(reference);
		answer_with(answer, UNSUPPORTED);
		return;
	}
	reference->data = reference->ref.data;
	strscpy(reference->name, words->word[1], NAME_BYTES);
	list_add(&reference->link, &references);
	answer_with(answer, OK);
}

static bool counters_are_gone(const struct reference *reference)
{
	return !(reference->ref.percpu_count_ptr & COUNTERS_MASK);
}

/* Going back to counters that were freed is the end of the kernel. */
static bool would_revive_into_nothing(const struct reference *reference)
{
	return counters_are_gone(reference) && !reference->data->force_atomic;
}

/* The reference that a line names; NULL if it is missing, which was answered then. */
static struct reference *named(const struct words *words, char *answer)
{
	struct reference *reference = find_reference(words->word[1]);

	if (!reference)
		misread(answer, "reference");
	return reference;
}

/* One that was not exited: its count was freed then, and all but two operations look at that. */
static struct reference *counted(const struct words *words, char *answer)
{
	struct reference *reference = named(words, answer);

	if (reference && reference->exited) {
		answer_with(answer, UNSUPPORTED);
		return NULL;
	}
	if (reference)
		reference->released_before = reference->released;
	return reference;
}

static void answer_ok(struct reference *reference, char *answer)
{
	bool now = reference->released != reference->released_before;

	answer_with(answer, now ? OK " released" : OK);
}

static void answer_truth(bool taken, char *answer)
{
	answer_with(answer, taken ? "true" : "false");
}

static bool read_count(const struct words *words, u64 *count, char *answer)
{
	*count = 1;
	if (words->count > 2 && !number(words->word[2], count)) {
		misread(answer, "count");
		return false;
	}
	return true;
}

void answer_ref_get(const struct words *words, char *answer)
{
	struct reference *reference = counted(words, answer);
	u64 count;

	if (reference && read_count(words, &count, answer)) {
		percpu_ref_get_many(&reference->ref, count);
		answer_ok(reference, answer);
	}
}

void answer_ref_put(const struct words *words, char *answer)
{
	struct reference *reference = counted(words, answer);
	u64 count;

	if (reference && read_count(words, &count, answer)) {
		percpu_ref_put_many(&reference->ref, count);
		answer_ok(reference, answer);
	}
}

void answer_ref_tryget(const struct words *words, char *answer)
{
	struct reference *reference = counted(words, answer);

	if (reference)
		answer_truth(percpu_ref_tryget(&reference->ref), answer);
}

void answer_ref_tryget_live(const struct words *words, char *answer)
{
	struct reference *reference = named(words, answer);

	if (reference)
		answer_truth(percpu_ref_tryget_live(&reference->ref), answer);
}

/* The last callback of a switch drops a reference: only when it is through, nothing moves any more. */
void answer_ref_kill(const struct words *words, char *answer)
{
	struct reference *reference = counted(words, answer);

	if (!reference)
		return;
	reinit_completion(&confirmed);
	percpu_ref_kill_and_confirm(&reference->ref, on_confirm);
	wait_for_completion(&confirmed);
	rcu_barrier();
	answer_ok(reference, answer);
}

static void revive(const struct words *words, void (*by)(struct percpu_ref *ref), char *answer)
{
	struct reference *reference = counted(words, answer);

	if (!reference)
		return;
	if (would_revive_into_nothing(reference)) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	by(&reference->ref);
	rcu_barrier();
	answer_ok(reference, answer);
}

void answer_ref_reinit(const struct words *words, char *answer)
{
	revive(words, percpu_ref_reinit, answer);
}

void answer_ref_resurrect(const struct words *words, char *answer)
{
	revive(words, percpu_ref_resurrect, answer);
}

void answer_ref_to_atomic(const struct words *words, char *answer)
{
	struct reference *reference = counted(words, answer);

	if (!reference)
		return;
	percpu_ref_switch_to_atomic_sync(&reference->ref);
	rcu_barrier();
	answer_ok(reference, answer);
}

void answer_ref_to_percpu(const struct words *words, char *answer)
{
	struct reference *reference = counted(words, answer);

	if (!reference)
		return;
	if (counters_are_gone(reference) && !percpu_ref_is_dying(&reference->ref)) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	percpu_ref_switch_to_percpu(&reference->ref);
	answer_ok(reference, answer);
}

void answer_ref_state(const struct words *words, char *answer)
{
	struct reference *reference = named(words, answer);

	if (reference)
		answer_with(answer, "dying=%s zero=%s",
			    percpu_ref_is_dying(&reference->ref) ? "yes" : "no",
			    percpu_ref_is_zero(&reference->ref) ? "yes" : "no");
}

void answer_ref_exit(const struct words *words, char *answer)
{
	struct reference *reference = counted(words, answer);

	if (!reference)
		return;
	if (reference->of_live_map) {
		answer_with(answer, UNSUPPORTED);
		return;
	}
	percpu_ref_exit(&reference->ref);
	reference->exited = true;
	answer_ok(reference, answer);
}

void undo_references(void)
{
	struct reference *reference, *next;

	list_for_each_entry_safe(reference, next, &references, link) {
		list_del(&reference->link);
		/* A second exit would free a count as if it were a pointer. */
		if (!reference->exited)
			percpu_ref_exit(&reference->ref);
		kfree(reference);
	}
}
