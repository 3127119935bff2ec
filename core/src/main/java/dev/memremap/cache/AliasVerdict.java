// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a new mapping of a range gets, or why it is refused.
 *
 * <p>Thread safety: immutable.
 *
 * @param mode the memory type it gets; null if refused
 * @param rule the rule that decided
 * @param errno the error; null if granted
 * @param reason one sentence with what was found, without a final full stop
 */
public record AliasVerdict(
    @Nullable CacheMode mode, Rule rule, @Nullable Errno errno, String reason) {
  /** Checks the parts. */
  public AliasVerdict {
    if ((mode == null) == (errno == null)) {
      throw new IllegalArgumentException("a verdict is either granted or has an errno");
    }
  }

  /** Whether the mapping may be made. */
  public boolean allowed() {
    return mode != null;
  }

  /**
   * The memory type it gets.
   *
   * @throws NullPointerException if it is refused
   */
  public CacheMode effective() {
    return Objects.requireNonNull(mode, reason);
  }
}
