// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** The references of a scenario by name, and the operations on them. */
final class RefOperations {
  private static final Pattern CITES_A_RULE = Pattern.compile("\\[[A-Z]+-[0-9]+");

  private final Map<String, Named> refs = new HashMap<>();

  /** A reference, and whether it was released since the last look. */
  private static final class Named {
    private final PercpuRef ref;
    private final boolean mayReinit;
    private boolean switched;
    private boolean released;
    private boolean wentPercpuAtZero;

    Named(Arguments.Ref made) {
      List<PercpuRef.Flag> flags = new ArrayList<>();
      if (made.atomic()) {
        flags.add(PercpuRef.Flag.INIT_ATOMIC);
      }
      if (made.dead()) {
        flags.add(PercpuRef.Flag.INIT_DEAD);
      }
      if (made.allowReinit()) {
        flags.add(PercpuRef.Flag.ALLOW_REINIT);
      }
      this.mayReinit = !flags.isEmpty();
      this.ref = PercpuRef.init(() -> released = true, flags.toArray(PercpuRef.Flag[]::new));
    }

    /** D-14: kernels take this one for dying once it is atomic. */
    boolean wouldBeMarkedDying() {
      return !mayReinit && !switched && !ref.isDying();
    }
  }

  /** The reference with this name, which the scenario's syntax has checked. */
  PercpuRef ref(String name) {
    return named(name).ref;
  }

  private Named named(String name) {
    return Objects.requireNonNull(refs.get(name), name);
  }

  Answer define(Arguments.Ref made) {
    refs.put(made.name(), new Named(made));
    return Answer.of(Answer.OK);
  }

  Answer get(Arguments.Counted get) {
    Named named = named(get.name());
    return change(named, () -> named.ref.getMany(get.count()));
  }

  Answer put(Arguments.Counted put) {
    Named named = named(put.name());
    return change(named, () -> named.ref.putMany(put.count()));
  }

  Answer tryget(Arguments.Name tryget) {
    return Answer.of(Boolean.toString(ref(tryget.name()).tryGet()));
  }

  Answer trygetLive(Arguments.Name tryget) {
    return Answer.of(Boolean.toString(ref(tryget.name()).tryGetLive()));
  }

  Answer kill(Arguments.Name kill) {
    Named named = named(kill.name());
    return inMode(named, change(named, named.ref::kill), false);
  }

  Answer reinit(Arguments.Name reinit) {
    Named named = named(reinit.name());
    return inMode(named, change(named, named.ref::reinit), false);
  }

  Answer resurrect(Arguments.Name resurrect) {
    Named named = named(resurrect.name());
    return inMode(named, change(named, named.ref::resurrect), false);
  }

  Answer toAtomic(Arguments.Name toAtomic) {
    Named named = named(toAtomic.name());
    return inMode(named, switchToAtomic(named), false);
  }

  Answer toPercpu(Arguments.Name toPercpu) {
    Named named = named(toPercpu.name());
    boolean zero = named.ref.isZero();
    Answer answer = change(named, named.ref::switchToPercpu);
    // a second switch changes nothing
    return inMode(named, answer, named.wentPercpuAtZero || (zero && !named.ref.isZero()));
  }

  Answer exit(Arguments.Name exit) {
    Named named = named(exit.name());
    return change(named, named.ref::exit);
  }

  private static Answer inMode(Named named, Answer answer, boolean percpuAtZero) {
    if (!answer.text().equals(Answer.REFUSED)) {
      named.wentPercpuAtZero = percpuAtZero;
    }
    return answer;
  }

  /** D-18: after an exit kernels show the count that went to per-CPU mode. */
  Answer state(Arguments.Name asked) {
    Named named = named(asked.name());
    PercpuRef ref = named.ref;
    String text = "dying=%s zero=%s".formatted(yesNo(ref.isDying()), yesNo(ref.isZero()));
    return named.wentPercpuAtZero && ref.isDying()
        ? new Answer(text, Optional.of(Rule.D_18), false, List.of("D-18, " + Rule.D_18.sentence()))
        : Answer.of(text);
  }

  private static Answer switchToAtomic(Named named) {
    boolean departs = named.wouldBeMarkedDying();
    Answer answer = change(named, named.ref::switchToAtomicSync);
    if (!departs || answer.text().equals(Answer.REFUSED)) {
      return answer;
    }
    named.switched = true;
    return new Answer(
        answer.text(), Optional.of(Rule.D_14), true, List.of("D-14, " + Rule.D_14.sentence()));
  }

  private static Answer change(Named named, Runnable change) {
    named.released = false;
    try {
      change.run();
    } catch (IllegalStateException misuse) {
      return misuse(misuse);
    } catch (IllegalArgumentException tooMany) {
      return Answer.refused(String.valueOf(tooMany.getMessage()));
    }
    return named.released
        ? Answer.of(Answer.OK + " released", "the last reference was dropped")
        : Answer.of(Answer.OK);
  }

  /**
   * D-5: refused, where a kernel goes on.
   *
   * @throws AssertionError if the sentence cites no rule: no misuse was refused then, something in
   *     the library failed
   */
  static Answer misuse(IllegalStateException why) {
    if (!CITES_A_RULE.matcher(String.valueOf(why.getMessage())).find()) {
      throw new AssertionError("a step failed, and no rule refused it", why);
    }
    return new Answer(
        Answer.REFUSED, Optional.of(Rule.D_5), false, List.of(String.valueOf(why.getMessage())));
  }

  /**
   * Undoes a part of what a scenario left. It may have put what something else held: then nothing
   * is left to undo there, and what remains goes with the machine.
   */
  static void undo(Runnable part) {
    try {
      part.run();
    } catch (IllegalStateException undoneAlready) {
      // the answers said so, unless something in the library failed
      misuse(undoneAlready);
    }
  }

  /** Kills what lives: page maps that are unmapped then warn of no live reference. */
  void killAll() {
    for (Named named : refs.values()) {
      if (!named.ref.isDying() && named.ref.references() > 0) {
        undo(named.ref::kill);
      }
    }
  }

  /** Puts what is left, so that no page map drains for ever. */
  void putAll() {
    for (Named named : refs.values()) {
      long left = named.ref.references();
      if (named.ref.isDying() && left > 0) {
        undo(() -> named.ref.putMany(left));
      }
    }
  }

  private static String yesNo(boolean value) {
    return value ? "yes" : "no";
  }
}
