// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

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
  private final List<Ref> refs = new ArrayList<>();

  private static final class Ref {
    final String name;
    final boolean revivable;
    boolean dead;
    boolean zero;
    boolean exited;

    Ref(String name, String words) {
      this.name = name;
      // the other words imply it
      this.revivable = !words.isEmpty();
      this.dead = words.contains("dead");
      this.zero = dead;
    }

    void done(String verb, String answer) {
      switch (verb) {
        case "ref-kill" -> dead = true;
        case "ref-reinit", "ref-resurrect" -> dead = false;
        case "ref-exit" -> exited = true;
        default -> {
          // no other operation kills or revives
        }
      }
      zero = answer.endsWith("released") || (zero && !verb.equals("ref-get") && dead);
    }
  }

  RefFamily(Draft draft, Dice dice) {
    this.draft = draft;
    this.dice = dice;
  }

  @Override
  public Optional<Proposal> propose(String verb) {
    if (verb.equals("ref")) {
      String name = draft.newName("r");
      String words = dice.of(WORDS);
      return Optional.of(
          new Proposal("ref " + name + words, answer -> refs.add(new Ref(name, words))));
    }
    List<Ref> able = refs.stream().filter(ref -> isAble(ref, verb) || dice.percent(1)).toList();
    if (able.isEmpty()) {
      return Optional.empty();
    }
    // the youngest most often, or none would come far
    Ref ref = dice.percent(70) ? able.getLast() : dice.of(able);
    boolean counted = verb.equals("ref-get") || verb.equals("ref-put");
    String count = counted && dice.percent(25) ? " " + (1 + dice.below(4)) : "";
    return Optional.of(
        new Proposal(verb + " " + ref.name + count, answer -> kept(ref, verb, answer)));
  }

  private static boolean isAble(Ref ref, String verb) {
    return switch (verb) {
      case "ref-kill" -> !ref.dead && !ref.exited;
      case "ref-resurrect" -> ref.dead && ref.revivable && !ref.exited;
      case "ref-reinit" -> ref.dead && ref.zero && ref.revivable && !ref.exited;
      case "ref-to-percpu" -> ref.revivable && !ref.exited;
      case "ref-get", "ref-to-atomic" -> !ref.exited;
      default -> true;
    };
  }

  private void kept(Ref ref, String verb, String answer) {
    ref.done(verb, answer);
    if (verb.equals("ref-exit") && dice.percent(70)) {
      refs.remove(ref);
    }
  }
}
