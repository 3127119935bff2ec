// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's copy of the firmware's map, while its log tells how it changed. Each change goes
 * through all entries, so both are limited.
 *
 * <p>Thread safety: for one thread.
 */
final class E820Table {
  /** Firmware hands over 128, and Linux never keeps as many as these. */
  static final int MAX_ENTRIES = 1024;

  private List<ListedMemory.Listed> entries = new ArrayList<>();

  boolean isEmpty() {
    return entries.isEmpty();
  }

  boolean isTooLong() {
    return entries.size() > MAX_ENTRIES;
  }

  /** Whether a list that goes on here is still ascending. */
  boolean isBelow(PhysRange range) {
    return entries.isEmpty() || entries.getLast().range().compareTo(range) < 0;
  }

  void add(int line, PhysRange range, E820Type type) {
    entries.add(new ListedMemory.Listed(line, range, type.resource()));
  }

  /**
   * {@code e820: update} and {@code e820: remove}.
   *
   * @param from the type that changes; null for any
   * @param to the new type; null where it is removed
   */
  void change(int line, PhysRange range, @Nullable E820Type from, @Nullable E820Type to) {
    List<ListedMemory.Listed> changed = new ArrayList<>();
    Predicate<ListedMemory.Listed> isMeant =
        entry -> from == null || entry.name().equals(from.resource());
    for (ListedMemory.Listed entry : entries) {
      PhysRange whole = entry.range();
      PhysRange shared = isMeant.test(entry) ? whole.intersection(range).orElse(null) : null;
      if (shared == null) {
        changed.add(entry);
        continue;
      }
      if (Long.compareUnsigned(whole.start(), shared.start()) < 0) {
        PhysRange below = new PhysRange(whole.start(), shared.start() - 1);
        changed.add(new ListedMemory.Listed(entry.line(), below, entry.name()));
      }
      if (to != null) {
        changed.add(new ListedMemory.Listed(line, shared, to.resource()));
      }
      if (Long.compareUnsigned(shared.endInclusive(), whole.endInclusive()) < 0) {
        PhysRange above = new PhysRange(shared.endInclusive() + 1, whole.endInclusive());
        changed.add(new ListedMemory.Listed(entry.line(), above, entry.name()));
      }
    }
    entries = changed;
  }

  List<ListedMemory.Listed> entries() {
    return entries;
  }
}
