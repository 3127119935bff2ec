// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * Row 5 of docs/kernels.md: the word of a page that is handed out, alone or with others. Of those
 * that hand a free page out or make it a tail, one succeeds; a tail cannot be taken; and a hand-out
 * is frozen only under its one reference.
 */
public class HandOutModel {
  private static final int FRESH = 0;
  private static final int ORDER = 3;

  private final MemorySegment structure = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
  private final PageWord word = new PageWord(structure, 0, PageWord.fresh(0), FRESH, FRESH);

  /** A page that was never used. */
  public HandOutModel() {}

  /** Hands the page out as the first of others. */
  @Operation
  public boolean handOut() {
    return PageWord.handOut(structure, 0, PageWord.fresh(0), FRESH, ORDER);
  }

  /** Makes the page a tail. */
  @Operation
  public boolean makeTail() {
    return PageWord.makeTail(structure, 0, PageWord.fresh(0), ORDER);
  }

  /** Freezes the hand-out. */
  @Operation
  public boolean freeze() {
    return PageWord.freeze(structure, 0, PageWord.fresh(0), ORDER);
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

  /** Whether the page is a tail: its order, or -1. */
  @Operation
  public int tailOrder() {
    return PageWord.tailOrder(structure, 0, PageWord.fresh(0));
  }

  /** The count. */
  @Operation
  public int count() {
    return word.count();
  }
}
