// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request that was refused, with its {@link Refusal} and, for a remap, every mapping type that
 * was considered. Nothing of the request remains when it is thrown.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class MemremapException extends RuntimeException {
  private static final long serialVersionUID = 2L;

  private final Refusal refusal;
  private final transient List<Attempt> attempts;
  private final transient List<Fact.Known> assumptions;

  /** A refusal without attempts, by its parts. */
  public MemremapException(Errno errno, Rule rule, String sentence) {
    this(new Refusal(errno, rule, sentence));
  }

  /** A refusal without attempts. */
  public MemremapException(Refusal refusal) {
    Objects.requireNonNull(refusal, "refusal");
    this(refusal, List.of(), List.of(), null);
  }

  /** A refusal without attempts, caused by another failure, a full disk for one. */
  public MemremapException(Refusal refusal, @Nullable Throwable cause) {
    Objects.requireNonNull(refusal, "refusal");
    this(refusal, List.of(), List.of(), cause);
  }

  /**
   * A refusal.
   *
   * @param refusal why
   * @param attempts every mapping type that was considered, in order
   * @param assumptions the facts that it rests on and that are assumed
   * @param cause another failure that caused it; null if there was none
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

  /** Why: errno, rule and sentence. */
  public Refusal refusal() {
    return refusal;
  }

  /** The error, as the kernel function this call mirrors would return it. */
  public Errno errno() {
    return refusal.errno();
  }

  /** The rule of the contract that decided. */
  public Rule rule() {
    return refusal.rule();
  }

  /**
   * What is wrong, where, and what to do, in one sentence: the message without rule and attempts.
   */
  public String sentence() {
    return refusal.sentence();
  }

  /** Every mapping type considered, in the order of the contract; empty where none was asked. */
  public List<Attempt> attempts() {
    return attempts == null ? List.of() : attempts;
  }

  /**
   * The facts about the machine that the refusal rests on and that are assumed: it may not be one
   * if they are otherwise. Empty if it rests on known facts alone.
   */
  public List<Fact.Known> assumptions() {
    return assumptions == null ? List.of() : assumptions;
  }
}
