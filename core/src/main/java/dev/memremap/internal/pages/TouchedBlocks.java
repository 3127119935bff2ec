// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks of a memmap hold what its life wrote: a bit for each, and nothing until the first.
 *
 * <p>Thread safety: bits are set under the memmap's lock alone, with release semantics after their
 * block was cleared, and are never unset; a thread that sees one with acquire semantics sees the
 * cleared block. The array is published by a volatile write.
 */
final class TouchedBlocks {
  private final long blocks;
  private volatile @Nullable AtomicLongArray bits;

  TouchedBlocks(long blocks) {
    this.blocks = blocks;
  }

  boolean has(long block) {
    AtomicLongArray there = bits;
    return there != null && (there.getAcquire((int) (block >>> 6)) & (1L << block)) != 0;
  }

  /** The first block from this one on that was touched; how many blocks there are if none was. */
  long nextFrom(long block) {
    AtomicLongArray there = bits;
    long at = block;
    while (there != null && at < blocks) {
      long word = there.getAcquire((int) (at >>> 6)) >>> at;
      if (word != 0) {
        return at + Long.numberOfTrailingZeros(word);
      }
      at = (at | 63) + 1;
    }
    return blocks;
  }

  void add(long block) {
    AtomicLongArray there = bits;
    if (there == null) {
      there = new AtomicLongArray((int) ((blocks + 63) >>> 6));
      bits = there;
    }
    int word = (int) (block >>> 6);
    there.setRelease(word, there.getPlain(word) | (1L << block));
  }
}
