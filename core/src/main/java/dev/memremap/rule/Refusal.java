// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.io.Serializable;
import java.util.Objects;

/**
 * Why a request is refused: the errno a kernel would give, the rule that decided, and what is
 * wrong.
 *
 * <p>Every answer of this library that can be "no" holds one, and nothing else holds an errno with
 * its rule.
 *
 * @param errno the error
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

  /** This refusal with another sentence, which says more of where it happened. */
  public Refusal saying(String other) {
    Objects.requireNonNull(other, "other");
    return new Refusal(errno, rule, other);
  }

  /** {@code no memory type is reserved there [MT-6, EINVAL]}. */
  @Override
  public String toString() {
    return "%s [%s, %s]".formatted(sentence, rule.id(), errno);
  }
}
