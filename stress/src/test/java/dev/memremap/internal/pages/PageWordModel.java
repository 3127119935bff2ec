// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.lang.foreign.Arena;
import org.jetbrains.lincheck.datastructures.BooleanGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/**
 * TY-4: a page's count and flags, which share a word, while both are changed: no get or put is
 * lost, no put takes more than there is, and of two hand-outs of a free page one succeeds.
 */
public class PageWordModel {
  private static final int FRESH = 1;

  private final PageWord word =
      new PageWord(Arena.ofAuto().allocate(Long.BYTES, Long.BYTES), 0, PageWord.fresh(0), FRESH);

  /** A page that was never used. */
  public PageWordModel() {}

  /** Takes a reference; the count before. */
  @Operation
  public int get() {
    return word.addUnlessZero(1);
  }

  /** Drops a reference; the count before. */
  @Operation
  public int put() {
    return word.addUnlessZero(-1);
  }

  /** Drops a reference that is not the last. */
  @Operation
  public boolean putAnother() {
    return word.putAnother();
  }

  /** Hands the page out if it is free. */
  @Operation
  public boolean handOut() {
    return word.compareAndSetCount(0, 1);
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
