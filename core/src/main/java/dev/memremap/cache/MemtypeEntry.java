// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import dev.memremap.resource.PhysRange;
import java.util.Objects;

/**
 * A range of pages and the memory type it is mapped with.
 *
 * <p>Thread safety: immutable.
 *
 * @param range whole pages
 * @param mode their memory type
 */
public record MemtypeEntry(PhysRange range, CacheMode mode) {
  /** Checks the parts. */
  public MemtypeEntry {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(mode, "mode");
  }

  @Override
  public String toString() {
    return range + " " + mode;
  }
}
