// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.Objects;
import java.util.Optional;

/** One mapping type that a remap considered, with its outcome. */
public sealed interface Attempt {

  /** Returns the mapping type by its flag's name: {@code WB}, {@code WT} or {@code WC}. */
  String mode();

  /**
   * Returns the outcome: {@code granted}, {@code refused}, {@code not tried} or {@code not needed}.
   */
  String outcome();

  /** Returns the rule that decided. */
  Rule rule();

  /** Returns one sentence with the facts of this range, without a final full stop. */
  String reason();

  /** Returns why it was refused; empty for every other outcome. */
  default Optional<Refusal> refusal() {
    return Optional.empty();
  }

  /** The mapping type is available. */
  record Granted(String mode, Rule rule, String reason) implements Attempt {
    /** Checks the parts. */
    public Granted {
      Objects.requireNonNull(mode, "mode");
      Objects.requireNonNull(rule, "rule");
      Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String outcome() {
      return "granted";
    }

    @Override
    public String toString() {
      return "%s granted: %s [%s]".formatted(mode, reason, rule.id());
    }
  }

  /** The mapping type was tried and is not available. */
  record Refused(String mode, Refusal why) implements Attempt {
    /** Checks the parts. */
    public Refused {
      Objects.requireNonNull(mode, "mode");
      Objects.requireNonNull(why, "why");
    }

    @Override
    public Rule rule() {
      return why.rule();
    }

    @Override
    public String reason() {
      return why.sentence();
    }

    @Override
    public Optional<Refusal> refusal() {
      return Optional.of(why);
    }

    @Override
    public String outcome() {
      return "refused";
    }

    /** Returns one line with the mapping type, the reason, the rule and the errno. */
    @Override
    public String toString() {
      return "%s refused: %s".formatted(mode, why);
    }
  }

  /** The whole request failed before any mapping type was tried. */
  record NotTried(String mode, Rule rule, String reason) implements Attempt {
    /** Checks the parts. */
    public NotTried {
      Objects.requireNonNull(mode, "mode");
      Objects.requireNonNull(rule, "rule");
      Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String outcome() {
      return "not tried";
    }

    @Override
    public String toString() {
      return "%s not tried: %s [%s]".formatted(mode, reason, rule.id());
    }
  }

  /** An earlier mapping type was granted already. */
  record NotNeeded(String mode, Rule rule, String reason) implements Attempt {
    /** Checks the parts. */
    public NotNeeded {
      Objects.requireNonNull(mode, "mode");
      Objects.requireNonNull(rule, "rule");
      Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String outcome() {
      return "not needed";
    }

    @Override
    public String toString() {
      return "%s not needed: %s [%s]".formatted(mode, reason, rule.id());
    }
  }
}
