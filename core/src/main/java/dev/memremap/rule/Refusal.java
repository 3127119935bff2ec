// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.io.Serializable;
import java.util.Objects;

/**
 * Says why a request is refused: errno, rule and sentence.
 *
 * <p>Every answer of this library that can be "no" holds one.
 *
 * @param errno the error that a kernel would return
 * @param rule the rule that decided
 * @param sentence what is wrong, where, and what to do, without a final full stop
 */
public record Refusal(Errno errno, Rule rule, String sentence) implements Serializable {
  /** Checks the parts. */
  public Refusal {
    Objects.requireNonNull(errno, "errno");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(sentence, "sentence");
  }

  /** Returns this refusal with another sentence, which says more about where it happened. */
  public Refusal saying(String other) {
    Objects.requireNonNull(other, "other");
    return new Refusal(errno, rule, other);
  }

  /** Returns sentence, rule and errno: {@code … [RULE, EINVAL]}. */
  @Override
  public String toString() {
    return "%s [%s, %s]".formatted(sentence, rule.id(), errno);
  }
}
