// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.cache.CacheMode;
import dev.memremap.memory.MappingQuota;
import dev.memremap.memory.PhysicalMemory;
import dev.memremap.ref.Dependent;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A page map from its mapping until it has drained. Mapped again, it begins another life.
 *
 * <p>Thread safety: what it was made with is final. {@code segments} and {@code mapped} are guarded
 * by {@code this}, {@code unmapped} and {@code retired} are written under the lock of {@link
 * Pagemaps} and volatile: {@code retired} is set before the reference can come to life again for
 * another map, so a lookup that took a reference after finding this life in an old snapshot sees
 * it.
 */
final class PagemapLife implements Dependent {
  private final DevPagemap map;
  private final MemoryType type;
  private final PercpuRef ref;
  private final boolean ownsRef;
  private final List<LiveRange> ranges;
  private final long ownReferences;
  private final Memmap memmap;
  private final @Nullable Object manager;
  private final Pagemaps home;
  private final PhysicalMemory memory;
  private final MappingQuota quota;
  private final @Nullable MemorySegment[] segments;
  private @Nullable LifeMemory mapped;
  private final CountDownLatch settled = new CountDownLatch(1);
  private volatile boolean unmapped;
  private volatile boolean killed;
  private volatile boolean retired;
  private volatile @Nullable IllegalStateException stuck;

  PagemapLife(Pagemaps home, PagemapPlan plan, PercpuRef ref, @Nullable Object manager) {
    this.home = home;
    this.map = plan.map();
    this.type = map.type().orElseThrow();
    this.ref = ref;
    this.ownsRef = map.ref().isEmpty();
    this.ranges = plan.liveRanges();
    this.ownReferences = plan.references();
    this.manager = manager;
    this.memory = home.memory();
    this.quota = home.quota();
    this.segments = new @Nullable MemorySegment[ranges.size()];
    this.memmap = new Memmap(home.vmemmap(), home.geometry(), this, plan.altmapShare());
  }

  DevPagemap map() {
    return map;
  }

  MemoryType type() {
    return type;
  }

  PercpuRef ref() {
    return ref;
  }

  boolean ownsRef() {
    return ownsRef;
  }

  List<LiveRange> ranges() {
    return ranges;
  }

  Memmap memmap() {
    return memmap;
  }

  Pagemaps home() {
    return home;
  }

  /** The device that manages it; null if none does. */
  @Nullable Object manager() {
    return manager;
  }

  long firstPfn() {
    return ranges.getFirst().firstPfn();
  }

  long ownReferences() {
    return ownReferences;
  }

  long outsideReferences() {
    long own = unmapped ? 0 : ownReferences;
    return ref.references() - own - (ref.isDying() ? 0 : 1);
  }

  /** Takes a reference unless the life is over, or drained and about to be. */
  boolean hold() {
    return ref.tryGet() && isStillMine();
  }

  /** Takes a reference unless the map was killed: what a lookup does (GP-3). */
  boolean holdLive() {
    return ref.tryGetLive() && isStillMine();
  }

  /** A caller's reference may have come to life again for another map since. */
  private boolean isStillMine() {
    if (retired) {
      ref.put();
      return false;
    }
    return true;
  }

  @Nullable LiveRange rangeOf(long pfn) {
    for (LiveRange range : ranges) {
      if (range.contains(pfn)) {
        return range;
      }
    }
    return null;
  }

  /** The memory of a range, mapped when it is first asked for. */
  synchronized MemorySegment segment(int index) {
    MemorySegment there = segments[index];
    if (there != null) {
      return there;
    }
    LiveRange range = ranges.get(index);
    MemorySegment fresh =
        type.isMapped()
            ? map(range.range(), range.mode())
            : MemorySegment.ofAddress(range.range().start()).asReadOnly();
    segments[index] = fresh;
    return fresh;
  }

  /** Memory besides that of the ranges, mapped until the life is over. */
  synchronized MemorySegment mapMore(PhysRange range) {
    return map(range, CacheMode.WB);
  }

  private MemorySegment map(PhysRange range, CacheMode mode) {
    if (retired) {
      throw new IllegalStateException(map + " has drained, and its memory is unmapped");
    }
    LifeMemory in = mapped;
    if (in == null) {
      in = new LifeMemory(memory, quota);
      mapped = in;
    }
    return in.map(range, mode);
  }

  /**
   * Unmaps the memory.
   *
   * @throws IllegalStateException if an I/O operation holds it; nothing changed then
   */
  synchronized void unmapMemory() {
    LifeMemory in = mapped;
    if (in != null) {
      in.unmap(map);
    }
  }

  boolean isUnmapped() {
    return unmapped;
  }

  /** Whether the unmapping has killed the reference: from then on no lookup finds it. */
  boolean isKilled() {
    return killed;
  }

  void killed() {
    killed = true;
  }

  void unmapped() {
    unmapped = true;
  }

  void notUnmapped() {
    unmapped = false;
  }

  /** Whether the life is over. */
  boolean isRetired() {
    return retired;
  }

  void retire() {
    retired = true;
    settled.countDown();
  }

  /** The references are gone, but an I/O operation holds the memory. */
  void stuck(IllegalStateException why) {
    stuck = why;
    settled.countDown();
  }

  @Nullable IllegalStateException whyStuck() {
    return retired ? null : stuck;
  }

  /** Opened when the life is over, or cannot end for an I/O operation. */
  CountDownLatch settled() {
    return settled;
  }

  @Override
  public void drained() {
    home.drained(this);
  }

  @Override
  public String toString() {
    return map.toString();
  }
}
