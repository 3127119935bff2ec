// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request that was refused, with the errno a kernel would give, the rule that decided, and, for a
 * remap, every mapping type that was considered. Nothing of the request remains when it is thrown.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class MemremapException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Errno errno;
  private final Rule rule;
  private final String sentence;
  private final transient List<Attempt> attempts;

  /** A refusal without attempts: see {@link #MemremapException(Errno, Rule, String, List)}. */
  public MemremapException(Errno errno, Rule rule, String sentence) {
    this(errno, rule, sentence, List.of());
  }

  /**
   * A refusal.
   *
   * @param errno the error
   * @param rule the rule that decided
   * @param sentence what is wrong, where, and what to do, without a final full stop
   * @param attempts every mapping type that was considered, in order
   */
  public MemremapException(Errno errno, Rule rule, String sentence, List<Attempt> attempts) {
    this(errno, rule, sentence, attempts, null);
  }

  /** A refusal caused by another failure, a full disk for one. */
  public MemremapException(
      Errno errno, Rule rule, String sentence, List<Attempt> attempts, @Nullable Throwable cause) {
    super(message(errno, rule, sentence, attempts), cause);
    this.errno = Objects.requireNonNull(errno);
    this.rule = Objects.requireNonNull(rule);
    this.sentence = Objects.requireNonNull(sentence);
    this.attempts = List.copyOf(attempts);
  }

  private static String message(Errno errno, Rule rule, String sentence, List<Attempt> attempts) {
    StringBuilder text = new StringBuilder(sentence);
    text.append(" [")
        .append(rule.id())
        .append(": ")
        .append(rule.sentence())
        .append("; ")
        .append(errno)
        .append(']');
    for (Attempt attempt : attempts) {
      text.append("\n  ").append(attempt);
    }
    return text.toString();
  }

  /** The error, as the kernel function this call mirrors would return it. */
  public Errno errno() {
    return errno;
  }

  /** The rule of the contract that decided. */
  public Rule rule() {
    return rule;
  }

  /**
   * What is wrong, where, and what to do, in one sentence: the message without rule and attempts.
   */
  public String sentence() {
    return sentence;
  }

  /** Every mapping type considered, in the order of the contract; empty where none was asked. */
  public List<Attempt> attempts() {
    return attempts == null ? List.of() : attempts;
  }
}
