// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * Rows 29 and 31 of docs/kernels.md: the word of a page that is free with the map's own reference
 * alone, while the unmapping takes that off. It is taken off once, and of the changes at once that
 * leave one reference, one sees that the page is free.
 */
public class PutByUnmappingModel {
  private static final int FRESH = 1;

  private final MemorySegment structure = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
  private final int kept;
  private final PageWord word;

  /** A page that was never used. */
  public PutByUnmappingModel() {
    this(0);
  }

  /**
   * A page that was never used.
   *
   * @param kept how many references of the map keep it from being free
   */
  PutByUnmappingModel(int kept) {
    this.kept = kept;
    this.word = new PageWord(structure, 0, PageWord.fresh(0), FRESH, kept);
  }

  /** Gives a freed page the count of a fresh one again. */
  final void renew() {
    PageWord.renew(structure, 0, PageWord.fresh(0), FRESH);
  }

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
    return PageWord.handOut(structure, 0, PageWord.fresh(0), kept, 0);
  }

  /** Takes the map's own reference off. */
  @Operation
  public boolean putOwn() {
    return PageWord.putOwn(structure, 0, PageWord.fresh(0), FRESH, kept);
  }

  /** Holds the page. */
  @Operation
  public boolean hold() {
    return PageWord.hold(structure, 0, PageWord.fresh(0), kept, 0);
  }

  /** The count. */
  @Operation
  public int count() {
    return word.count();
  }
}
