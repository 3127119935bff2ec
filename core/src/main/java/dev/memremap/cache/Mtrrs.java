// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import dev.memremap.resource.PhysRange;
import java.util.List;

/**
 * What the memory type range registers say: write-back everywhere but in some ranges.
 *
 * <p>Thread safety: immutable.
 *
 * @param uncachable the ranges that are not write-back
 */
public record Mtrrs(List<PhysRange> uncachable) {
  /** Checks the parts. */
  public Mtrrs {
    uncachable = List.copyOf(uncachable);
  }

  /** MT-2: whether all of a range is write-back; any other register in it wins. */
  public boolean isWriteBack(PhysRange range) {
    for (PhysRange uc : uncachable) {
      if (uc.overlaps(range)) {
        return false;
      }
    }
    return true;
  }
}
