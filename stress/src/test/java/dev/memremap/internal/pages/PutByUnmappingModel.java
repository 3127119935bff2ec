// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * Row 29 of docs/kernels.md: the word of a page that is free with the map's own reference alone,
 * while the unmapping takes that off. It is taken off once, and of the changes at once that leave
 * one reference, one sees that the page is free.
 */
public class PutByUnmappingModel {
  private static final int FRESH = 1;
  private static final int KEPT = 0;

  private final MemorySegment structure = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
  private final PageWord word = new PageWord(structure, 0, PageWord.fresh(0), FRESH, KEPT);

  /** A page that was never used. */
  public PutByUnmappingModel() {}

  /** Takes a reference. */
  @Operation
  public boolean get() {
    return word.getUnlessZero();
  }

  /** Drops a reference; one more than the gets before, or -1 if the page is free now. */
  @Operation
  public int put() {
    return PageWordModel.put(word);
  }

  /** Drops a reference that is not the last. */
  @Operation
  public boolean putAnother() {
    return word.putAnother();
  }

  /** Hands the page out if it is free. */
  @Operation
  public boolean handOut() {
    return PageWord.handOut(structure, 0, PageWord.fresh(0), KEPT, 0);
  }

  /** Takes the map's own reference off. */
  @Operation
  public boolean putOwn() {
    return PageWord.putOwn(structure, 0, PageWord.fresh(0), FRESH, KEPT);
  }

  /** Holds the page. */
  @Operation
  public boolean hold() {
    return PageWord.hold(structure, 0, PageWord.fresh(0), KEPT, 0);
  }

  /** The count. */
  @Operation
  public int count() {
    return word.count();
  }
}
