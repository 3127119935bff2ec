// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The answer of an executor to one operation.
 *
 * <p>Thread safety: immutable.
 *
 * @param text the answer as scenarios print it, without its line number
 * @param departure the departure that the answer follows; only if a kernel would have answered
 *     otherwise, or if {@code parts} is set
 * @param parts whether the departure leaves another state than a kernel would, though the answers
 *     agree
 * @param explanation why, in sentences, one a line; never compared
 */
public record Answer(
    String text, Optional<Rule> departure, boolean parts, List<String> explanation) {
  /** The operation was carried out, or was nothing to carry out. */
  public static final String OK = "ok";

  /** The operation is misuse; it changed nothing. */
  public static final String REFUSED = "refused";

  /** The operation works on a name that stands for nothing now; it changed nothing. */
  public static final String NOT_LIVE = "not-live";

  /** The executor cannot do this operation. */
  public static final String UNSUPPORTED = "unsupported";

  /** Checks the parts. */
  public Answer {
    Objects.requireNonNull(text);
    departure.ifPresent(
        rule -> {
          if (!rule.isDeparture()) {
            throw new IllegalArgumentException(rule.id() + " is not a departure");
          }
        });
    if (parts && departure.isEmpty()) {
      throw new IllegalArgumentException("the states part only by a departure");
    }
    explanation = List.copyOf(explanation);
  }

  /** An answer that every kernel gives, too. */
  public static Answer of(String text, String... explanation) {
    return new Answer(text, Optional.empty(), false, List.of(explanation));
  }

  /** {@code refused}, and why. */
  public static Answer refused(String why) {
    return of(REFUSED, why);
  }

  /** {@code not-live}: what the name would have to stand for does not exist now. */
  public static Answer notLive(String name) {
    return of(NOT_LIVE, name + " stands for nothing now");
  }

  /** {@code unsupported}, and what is missing. */
  public static Answer unsupported(String why) {
    return of(UNSUPPORTED, why);
  }

  /** Whether the executor cannot do the operation. */
  public boolean isUnsupported() {
    return text.equals(UNSUPPORTED);
  }
}
