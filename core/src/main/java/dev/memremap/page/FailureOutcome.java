// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of broken memory: the result of {@code memory_failure}.
 *
 * @param map the page map that covered it; null if none did
 * @param error empty if it was handled
 * @param byCallback whether the map's own callback decided
 * @param poisoned how many heads the generic handler poisoned
 * @param rule the rule that decided
 * @param sentence what was done, or why nothing was
 */
public record FailureOutcome(
    @Nullable DevPagemap map,
    Optional<Errno> error,
    boolean byCallback,
    long poisoned,
    Rule rule,
    String sentence) {

  /** Whether it was handled: the kernel's {@code RECOVERED}. */
  public boolean isRecovered() {
    return error.isEmpty();
  }
}
