// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
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

  /** These registers without a range that belongs to no real address, and so to none of them. */
  public Mtrrs without(PhysRange range) {
    List<PhysRange> rest = new ArrayList<>();
    for (PhysRange uc : uncachable) {
      if (!uc.overlaps(range)) {
        rest.add(uc);
        continue;
      }
      if (Long.compareUnsigned(uc.start(), range.start()) < 0) {
        rest.add(new PhysRange(uc.start(), range.start() - 1));
      }
      if (Long.compareUnsigned(uc.endInclusive(), range.endInclusive()) > 0) {
        rest.add(new PhysRange(range.endInclusive() + 1, uc.endInclusive()));
      }
    }
    return new Mtrrs(rest);
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
