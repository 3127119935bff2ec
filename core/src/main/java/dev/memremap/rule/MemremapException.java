// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Thrown for a refused request, with its {@link Refusal} and, for a remap, every mapping type that
 * was considered. The request has left nothing behind.
 *
 * <p>Thread safety: immutable, except for what {@link Throwable} itself allows.
 */
public final class MemremapException extends RuntimeException {
  private static final long serialVersionUID = 2L;

  private final Refusal refusal;
  private final transient List<Attempt> attempts;
  private final transient List<Fact.Known> assumptions;

  /** Makes a refusal without attempts, from its parts. */
  public MemremapException(Errno errno, Rule rule, String sentence) {
    this(new Refusal(errno, rule, sentence));
  }

  /** Makes a refusal without attempts. */
  public MemremapException(Refusal refusal) {
    Objects.requireNonNull(refusal, "refusal");
    this(refusal, List.of(), List.of(), null);
  }

  /** Makes a refusal without attempts, caused by another failure such as a full disk. */
  public MemremapException(Refusal refusal, @Nullable Throwable cause) {
    Objects.requireNonNull(refusal, "refusal");
    this(refusal, List.of(), List.of(), cause);
  }

  /**
   * Makes a refusal.
   *
   * @param refusal errno, rule and sentence
   * @param attempts every mapping type that was considered, in order
   * @param assumptions the assumed facts that it rests on
   * @param cause another failure that caused it; null if none did
   */
  public MemremapException(
      Refusal refusal,
      List<Attempt> attempts,
      List<Fact.Known> assumptions,
      @Nullable Throwable cause) {
    Objects.requireNonNull(refusal, "refusal");
    Objects.requireNonNull(attempts, "attempts");
    Objects.requireNonNull(assumptions, "assumptions");
    super(message(refusal, attempts, assumptions), cause);
    this.refusal = refusal;
    this.attempts = List.copyOf(attempts);
    this.assumptions = List.copyOf(assumptions);
  }

  private static String message(
      Refusal refusal, List<Attempt> attempts, List<Fact.Known> assumptions) {
    Rule rule = refusal.rule();
    StringBuilder text = new StringBuilder(refusal.sentence());
    text.append(" [")
        .append(rule.id())
        .append(": ")
        .append(rule.sentence())
        .append("; ")
        .append(refusal.errno())
        .append(']');
    for (Attempt attempt : attempts) {
      text.append("\n  ").append(attempt);
    }
    for (Fact.Known assumed : assumptions) {
      text.append("\n  ").append(assumed);
    }
    return text.toString();
  }

  /** Returns why: errno, rule and sentence. */
  public Refusal refusal() {
    return refusal;
  }

  /** Returns the error, as the kernel function that this call mirrors would. */
  public Errno errno() {
    return refusal.errno();
  }

  /** Returns the rule that decided. */
  public Rule rule() {
    return refusal.rule();
  }

  /**
   * Returns what is wrong, where, and what to do, in one sentence: the message without rule and
   * attempts.
   */
  public String sentence() {
    return refusal.sentence();
  }

  /** Returns every mapping type considered, in order; empty if the request has no mapping types. */
  public List<Attempt> attempts() {
    return attempts == null ? List.of() : attempts;
  }

  /**
   * Returns the assumed facts about the machine that the refusal rests on: if they are wrong, it
   * may be, too. Empty if it rests on known facts alone.
   */
  public List<Fact.Known> assumptions() {
    return assumptions == null ? List.of() : assumptions;
  }
}
