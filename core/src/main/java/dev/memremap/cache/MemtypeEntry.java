// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import dev.memremap.resource.PhysRange;

/**
 * A range of pages and the memory type it is mapped with.
 *
 * <p>Thread safety: immutable.
 *
 * @param range whole pages
 * @param mode their memory type
 */
public record MemtypeEntry(PhysRange range, CacheMode mode) {
  @Override
  public String toString() {
    return range + " " + mode;
  }
}
