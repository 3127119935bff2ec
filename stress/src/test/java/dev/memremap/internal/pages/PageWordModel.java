// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jetbrains.lincheck.datastructures.BooleanGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * TY-4: a page's count and flags, which share a word, while both are changed: no get, put or hold
 * is lost, no put takes more than there is, and of two hand-outs of a free page one succeeds.
 */
public class PageWordModel {
  private static final int FRESH = 1;

  private final MemorySegment structure = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
  private final PageWord word = new PageWord(structure, 0, PageWord.fresh(0), FRESH, FRESH);

  /** A page that was never used. */
  public PageWordModel() {}

  /** Takes a reference. */
  @Operation
  public boolean get() {
    return word.getUnlessZero();
  }

  /** Drops a reference; one more than the gets before, or -1 if the page is free now. */
  @Operation
  public int put() {
    return put(word);
  }

  static int put(PageWord word) {
    long before = word.put();
    if (before == PageWord.NOT_PUT) {
      return 0;
    }
    return word.isFreedBy(before) ? -1 : 1 + PageWord.getsBefore(before);
  }

  /** Holds the page. */
  @Operation
  public boolean hold() {
    return PageWord.hold(structure, 0, PageWord.fresh(0), FRESH, 0);
  }

  /** Drops a reference that is not the last. */
  @Operation
  public boolean putAnother() {
    return word.putAnother();
  }

  /** Hands the page out if it is free. */
  @Operation
  public boolean handOut() {
    return PageWord.handOut(structure, 0, PageWord.fresh(0), FRESH, 0);
  }

  /** Marks the page as broken, or as whole. */
  @Operation
  public void poison(@Param(gen = BooleanGen.class) boolean broken) {
    word.flag(PageWord.POISONED, broken);
  }

  /** Whether the page is marked as broken. */
  @Operation
  public boolean isPoisoned() {
    return word.has(PageWord.POISONED);
  }

  /** The count. */
  @Operation
  public int count() {
    return word.count();
  }
}
