// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import org.jspecify.annotations.Nullable;

/**
 * What reserving a memory type answers: {@code memtype_reserve}.
 *
 * <p>Thread safety: immutable.
 *
 * @param range the pages it is about; null if they are none
 * @param mode the type granted; of a refusal the type that was in the way, or null
 * @param home where a granted type is kept
 * @param rule the rule that decided
 * @param errno the error; null if granted
 * @param reason one sentence with what was found, without a final full stop
 */
public record Reservation(
    @Nullable PhysRange range,
    @Nullable CacheMode mode,
    Home home,
    Rule rule,
    @Nullable Errno errno,
    String reason) {

  /** Where a memory type is kept. */
  public enum Home {
    /** Nowhere: the range has one type for good, or nothing is tracked. */
    NOWHERE,
    /** In the flags of System RAM's pages. */
    PAGES,
    /** In an entry of the table. */
    ENTRY
  }

  /** Whether it is granted. */
  public boolean isGranted() {
    return errno == null;
  }

  static Reservation granted(PhysRange range, CacheMode mode, Home home, Rule rule, String reason) {
    return new Reservation(range, mode, home, rule, null, reason);
  }

  static Reservation refused(
      @Nullable PhysRange range, @Nullable CacheMode met, Rule rule, Errno errno, String reason) {
    return new Reservation(range, met, Home.NOWHERE, rule, errno, reason);
  }
}
