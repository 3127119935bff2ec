// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The result of {@code memory_failure}: what was done about broken memory. */
public sealed interface FailureOutcome {

  /** The page map that covered it; null if none did. */
  @Nullable DevPagemap map();

  /** Whether the map's own callback decided. */
  boolean byCallback();

  /** How many heads the generic handler poisoned. */
  long poisoned();

  /** The rule that decided. */
  Rule rule();

  /** What was done, or why nothing was. */
  String sentence();

  /** The refusal; empty if it was handled. */
  Optional<Refusal> refusal();

  /** The error; empty if it was handled. */
  default Optional<Errno> error() {
    return refusal().map(Refusal::errno);
  }

  /** Whether it was handled: the kernel's {@code RECOVERED}. */
  default boolean isRecovered() {
    return this instanceof Recovered;
  }

  /** It was handled. */
  record Recovered(DevPagemap map, boolean byCallback, long poisoned, Rule rule, String sentence)
      implements FailureOutcome {
    /** Checks the parts. */
    public Recovered {
      Objects.requireNonNull(map, "map");
      Objects.requireNonNull(rule, "rule");
      Objects.requireNonNull(sentence, "sentence");
    }

    @Override
    public Optional<Refusal> refusal() {
      return Optional.empty();
    }
  }

  /**
   * It was not handled.
   *
   * @param map the page map that covered it; null if none did
   * @param byCallback whether the map's own callback decided
   * @param why the refusal
   */
  record Failed(@Nullable DevPagemap map, boolean byCallback, Refusal why)
      implements FailureOutcome {
    /** Checks the parts. */
    public Failed {
      Objects.requireNonNull(why, "why");
    }

    @Override
    public long poisoned() {
      return 0;
    }

    @Override
    public Rule rule() {
      return why.rule();
    }

    @Override
    public String sentence() {
      return why.sentence();
    }

    @Override
    public Optional<Refusal> refusal() {
      return Optional.of(why);
    }
  }
}
