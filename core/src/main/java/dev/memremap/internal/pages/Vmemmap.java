// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The machine's array of page structures, by page frame number: {@code vmemmap}. It lies in sparse
 * memory of its own and is mapped in windows of 64 MiB, each when its first page is touched; so a
 * hundred thousand page maps are a few mappings, and a page's structure is found by arithmetic.
 *
 * <p>Windows are never unmapped while the machine or a page map of it is in use, even if the
 * machine was closed meanwhile: the garbage collector unmaps them.
 *
 * <p>Thread safety: a window is published by one volatile write, after it was mapped under this
 * object's lock.
 */
final class Vmemmap {
  private static final int WINDOW_SHIFT = 26;

  private final MappedRegion.Quota quota;
  private final MemmapLayout layout;

  /** How many lives there were; tests begin near the end of the numbers. */
  final AtomicInteger lives = new AtomicInteger();

  private final AtomicReferenceArray<@Nullable MemorySegment> windows;
  private @Nullable SparseMemory memory;
  private @Nullable MappedRegion region;

  Vmemmap(MappedRegion.Quota quota, MemmapLayout layout) {
    this.quota = quota;
    this.layout = layout;
    long bytes = (long) layout.entryBytes() << layout.pages().pfnBits();
    this.windows = new AtomicReferenceArray<>((int) (bytes >>> WINDOW_SHIFT));
  }

  /**
   * A number for the next life of a page map, starting over after 65,536 lives. A view of a page
   * whose life is over reads no word. Only a thread that sleeps for that many lives between its
   * looks at the life and at the word takes another life's word for its own: it may put a page that
   * it does not hold, or show a wrong count.
   */
  int nextLife() {
    return lives.incrementAndGet() & ((1 << PageWord.LIFE_BITS) - 1);
  }

  /** Where a page's words lie in their entry. */
  MemmapLayout layout() {
    return layout;
  }

  /** The window that holds a page's structure. */
  MemorySegment window(long pfn) {
    int index = (int) ((pfn * layout.entryBytes()) >>> WINDOW_SHIFT);
    MemorySegment window = windows.get(index);
    return window == null ? map(index) : window;
  }

  /** Where in its window a page's word lies. */
  long offset(long pfn) {
    return layout.offset(pfn) & ((1L << WINDOW_SHIFT) - 1);
  }

  private synchronized MemorySegment map(int index) {
    MemorySegment there = windows.get(index);
    if (there != null) {
      return there;
    }
    MappedRegion in = region;
    if (in == null) {
      SparseMemory open = SparseMemory.open();
      memory = open;
      in = MappedRegion.collected(open, quota);
      region = in;
    }
    PhysRange range = PhysRange.of((long) index << WINDOW_SHIFT, 1L << WINDOW_SHIFT);
    MemorySegment window = in.map(range, CacheMode.WB, CacheMode.WB).segment();
    windows.set(index, window);
    return window;
  }

  /** Gives the file back once no other window can be wanted; those that are mapped stay. */
  synchronized void close() {
    if (memory != null) {
      memory.close();
    }
  }
}
