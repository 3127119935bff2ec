// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.scenario.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code ref} and the operations on references. */
final class RefFamily implements Family {
  private static final String[] WORDS = {
    "",
    "",
    " reinit",
    " reinit",
    " atomic",
    " dead",
    " dead",
    " atomic dead",
    " dead reinit",
    " dead reinit",
    " atomic reinit"
  };

  private final Draft draft;
  private final Dice dice;
  private final List<DraftRef> refs = new ArrayList<>();

  RefFamily(Draft draft, Dice dice) {
    this.draft = draft;
    this.dice = dice;
  }

  @Override
  public Optional<Proposal> propose(Verb verb) {
    if (verb == Verb.REF) {
      return Optional.of(define(dice.of(WORDS)));
    }
    List<DraftRef> able =
        refs.stream()
            .filter(ref -> ref.isAble(verb) || (!ref.isBrought() && dice.percent(1)))
            .toList();
    if (able.isEmpty()) {
      return Optional.empty();
    }
    // the youngest most often, or none would come far
    DraftRef ref = dice.percent(70) ? able.getLast() : dice.of(able);
    boolean counted = verb == Verb.REF_GET || (verb == Verb.REF_PUT && !ref.isBrought());
    int count = counted && dice.percent(25) ? 1 + dice.below(4) : 1;
    String line = verb.word() + " " + ref.name() + (count == 1 ? "" : " " + count);
    return Optional.of(new Proposal(line, answer -> kept(ref, verb, count, answer)));
  }

  /** To be revived, one is killed, or is dead from the first. */
  @Override
  public Optional<Proposal> prepare(Verb verb) {
    return switch (verb) {
      case REF_REINIT, REF_RESURRECT ->
          dice.percent(70)
              ? propose(Verb.REF_KILL).or(() -> Optional.of(define(" dead reinit")))
              : Optional.of(define(dice.of(" dead", " dead reinit")));
      case REF_KILL -> propose(Verb.REF_RESURRECT).or(() -> Optional.of(define(dice.of(WORDS))));
      default -> Optional.empty();
    };
  }

  private Proposal define(String words) {
    String name = draft.newName("r");
    return new Proposal("ref " + name + words, answer -> refs.add(new DraftRef(name, words)));
  }

  /** One that is live from the first. */
  Proposal live() {
    return define(dice.of("", " reinit", " atomic", " atomic reinit"));
  }

  /** A reference that a page map may bring: live, and brought by none before. */
  Optional<DraftRef> forMap() {
    List<DraftRef> able = refs.stream().filter(DraftRef::mayBeBrought).toList();
    return able.isEmpty() ? Optional.empty() : Optional.of(able.getLast());
  }

  private void kept(DraftRef ref, Verb verb, int count, String answer) {
    ref.done(verb, count, answer);
    if (verb == Verb.REF_EXIT && dice.percent(70)) {
      refs.remove(ref);
    }
  }
}
