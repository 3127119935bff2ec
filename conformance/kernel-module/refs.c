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

static void define(const struct words *words, char *answer)
{
	struct reference *reference = kzalloc(sizeof(*reference), GFP_KERNEL);
	unsigned int flags = 0;

	if (has_word(words, 2, "atomic"))
		flags |= PERCPU_REF_INIT_ATOMIC;
	if (has_word(words, 2, "dead"))
		flags |= PERCPU_REF_INIT_DEAD;
	if (has_word(words, 2, "reinit"))
		flags |= PERCPU_REF_ALLOW_REINIT;
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

static void answer_ok(struct reference *reference, char *answer)
{
	bool now = reference->released != reference->released_before;

	answer_with(answer, now ? OK " released" : OK);
}

/* The last callback of a switch drops a reference: only when it is through, nothing moves any more. */
static void kill(struct reference *reference)
{
	reinit_completion(&confirmed);
	percpu_ref_kill_and_confirm(&reference->ref, on_confirm);
	wait_for_completion(&confirmed);
	rcu_barrier();
}

static void answer_living(struct reference *reference, const struct words *words, char *answer)
{
	const char *verb = words->word[0];
	struct percpu_ref *ref = &reference->ref;
	u64 count = 1;

	if (words->count > 2 && !number(words->word[2], &count)) {
		misread(answer, "count");
		return;
	}
	reference->released_before = reference->released;
	if (!strcmp(verb, "ref-get")) {
		percpu_ref_get_many(ref, count);
	} else if (!strcmp(verb, "ref-put")) {
		percpu_ref_put_many(ref, count);
	} else if (!strcmp(verb, "ref-kill")) {
		kill(reference);
	} else if (!strcmp(verb, "ref-reinit") || !strcmp(verb, "ref-resurrect")) {
		if (would_revive_into_nothing(reference)) {
			answer_with(answer, UNSUPPORTED);
			return;
		}
		if (!strcmp(verb, "ref-reinit"))
			percpu_ref_reinit(ref);
		else
			percpu_ref_resurrect(ref);
		rcu_barrier();
	} else if (!strcmp(verb, "ref-to-atomic")) {
		percpu_ref_switch_to_atomic_sync(ref);
		rcu_barrier();
	} else if (!strcmp(verb, "ref-to-percpu")) {
		if (counters_are_gone(reference) && !percpu_ref_is_dying(ref)) {
			answer_with(answer, UNSUPPORTED);
			return;
		}
		percpu_ref_switch_to_percpu(ref);
	} else if (!strcmp(verb, "ref-tryget")) {
		answer_with(answer, percpu_ref_tryget(ref) ? "true" : "false");
		return;
	} else if (!strcmp(verb, "ref-exit")) {
		if (reference->of_live_map) {
			answer_with(answer, UNSUPPORTED);
			return;
		}
		percpu_ref_exit(ref);
		reference->exited = true;
	} else {
		misread(answer, "operation on a reference");
		return;
	}
	answer_ok(reference, answer);
}

void answer_reference(const struct words *words, char *answer)
{
	const char *verb = words->word[0];
	struct reference *reference;

	if (words->count < 2 || !name_fits(words->word[1])) {
		misread(answer, "name");
		return;
	}
	if (!strcmp(verb, "ref")) {
		define(words, answer);
		return;
	}
	reference = find_reference(words->word[1]);
	if (!reference)
		misread(answer, "reference");
	else if (!strcmp(verb, "ref-state"))
		answer_with(answer, "dying=%s zero=%s",
			    percpu_ref_is_dying(&reference->ref) ? "yes" : "no",
			    percpu_ref_is_zero(&reference->ref) ? "yes" : "no");
	else if (!strcmp(verb, "ref-tryget-live"))
		answer_with(answer, percpu_ref_tryget_live(&reference->ref) ? "true" : "false");
	else if (reference->exited)
		/* Its count was freed, and everything else looks at that. */
		answer_with(answer, UNSUPPORTED);
	else
		answer_living(reference, words, answer);
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
