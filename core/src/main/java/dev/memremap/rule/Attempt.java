// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One mapping type that a remap considered, and what came of it.
 *
 * <p>Thread safety: immutable.
 *
 * @param mode the mapping type asked for, by its flag's name: {@code WB}, {@code WT} or {@code WC}
 * @param outcome what came of it
 * @param rule the rule that decided
 * @param errno the error of a refusal; null unless the outcome is {@link Outcome#REFUSED}
 * @param reason one sentence with the facts of this range, without a final full stop
 */
public record Attempt(
    String mode, Outcome outcome, Rule rule, @Nullable Errno errno, String reason) {

  /** What can come of an attempt. */
  public enum Outcome {
    /** The mapping type can be had. */
    GRANTED,
    /** The mapping type was tried and cannot be had. */
    REFUSED,
    /** The whole request failed before any mapping type was tried. */
    NOT_TRIED,
    /** An earlier mapping type was granted already. */
    NOT_NEEDED
  }

  /** Checks the parts. */
  public Attempt {
    Objects.requireNonNull(mode);
    Objects.requireNonNull(outcome);
    Objects.requireNonNull(rule);
    Objects.requireNonNull(reason);
    if ((outcome == Outcome.REFUSED) != (errno != null)) {
      throw new IllegalArgumentException("exactly a refused attempt has an errno");
    }
  }

  /** {@code WB refused: <reason> [MT-8, EBUSY]}, one line. */
  @Override
  public String toString() {
    String verdict =
        switch (outcome) {
          case GRANTED -> "granted";
          case REFUSED -> "refused";
          case NOT_TRIED -> "not tried";
          case NOT_NEEDED -> "not needed";
        };
    return "%s %s: %s [%s%s]"
        .formatted(mode, verdict, reason, rule.id(), errno == null ? "" : ", " + errno);
  }
}
