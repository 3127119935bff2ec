// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.internal.teardown.Failures;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The arena that all mappings of a device share from one release to the next, so that a release
 * needs one handshake with the JVM's threads for any number of mappings.
 *
 * <p>A mapping closed early gives its table entries back at once and leaves its bytes. In a release
 * the arena is closed when the last mapping is, so that older managed resources find the memory
 * gone, and the entries are given back after that.
 *
 * <p>A driver that maps and unmaps without end would leave bytes without end: an arena of which
 * most mappings were closed is retired, and the next mapping begins another. It is closed with its
 * last mapping, still one handshake for more than a thousand.
 *
 * <p>One mapping that stays open keeps all bytes of its arena. If too many mappings of a device
 * were closed and still have their bytes, each new one gets an arena of its own, which leaves
 * nothing behind. So those left are at most as many as were once open at the same time, plus {@link
 * #MOST_LEFT}.
 *
 * <p>Thread safety: all fields but the final ones are guarded by {@code this}; {@code leftBehind}
 * is shared by the arenas of a device and only changed by atomic operations.
 */
public final class DeviceArena {
  private static final int NAMED = 10;

  /**
   * After this many mappings closed early, and at least as many as are open, the arena is retired.
   */
  private static final int MOST_CLOSED = 1024;

  /**
   * How many mappings of a device that were closed early may keep their bytes; or a quarter of the
   * quota.
   */
  private static final long MOST_LEFT = 4096;

  private final MappedRegion.Quota quota;
  private final String device;
  private final AtomicLong leftBehind;
  private final Arena arena = Arena.ofShared();
  private final List<Closed> closedInRelease = new ArrayList<>();
  private int mapped;
  private int open;
  private boolean retired;
  private boolean releasing;
  private boolean gone;

  private record Closed(MappedRegion region, Object mapping) {}

  /** A device's first arena. */
  DeviceArena(MappedRegion.Quota quota, String device) {
    this(quota, device, new AtomicLong());
  }

  private DeviceArena(MappedRegion.Quota quota, String device, AtomicLong leftBehind) {
    this.quota = quota;
    this.device = device;
    this.leftBehind = leftBehind;
  }

  /** Another arena of the same device. */
  DeviceArena next() {
    return new DeviceArena(quota, device, leftBehind);
  }

  /** Whether too many mappings of the device were closed early and have their bytes. */
  boolean isTooMuchLeft() {
    return leftBehind.get() >= Math.min(MOST_LEFT, quota.limit() / 4);
  }

  /** Whether nothing was mapped in it. */
  synchronized boolean isUnused() {
    return mapped == 0;
  }

  /** Whether a mapping may still be made in it; if so, one is announced. */
  synchronized boolean enter() {
    int closed = mapped - open;
    if (releasing || (closed >= MOST_CLOSED && closed >= open)) {
      return false;
    }
    quota.take();
    mapped++;
    open++;
    return true;
  }

  /** A region for a mapping that was announced. */
  MappedRegion region(PhysicalMemory memory) {
    return new Region(memory);
  }

  /** A region of this arena, which has counted its one mapping already. */
  final class Region extends MappedRegion {
    /** Whether it was closed; guarded by the arena. */
    private boolean left;

    private Region(PhysicalMemory memory) {
      super(memory, quota, arena);
    }

    @Override
    void take() {}

    @Override
    void give(long count) {}

    @Override
    public void abandon() {
      DeviceArena.this.abandon(isMapped());
      giveEntryBack();
    }

    @Override
    public void close(Object what) {
      left(this, what);
    }
  }

  /**
   * Takes back that a mapping was announced: it could not be made.
   *
   * @param leavesBytes whether it was mapped, and is not of use; its bytes go with the arena
   */
  private synchronized void abandon(boolean leavesBytes) {
    open--;
    // a release that came in between has given all of the arena back
    if (!leavesBytes) {
      mapped--;
      if (!gone) {
        quota.give(1);
      }
    } else if (!gone) {
      leftBehind.incrementAndGet();
    }
    unmapIfLast();
  }

  /**
   * A mapping was closed; its table entry is given back now or, in a release, with the others.
   *
   * @param mapping for a sentence
   */
  private synchronized void left(Region region, Object mapping) {
    if (!region.left) {
      // what can fail comes first: nothing is changed then, and closing may be tried again
      if (releasing && !gone) {
        closedInRelease.add(new Closed(region, mapping));
      } else {
        region.giveEntryBack();
      }
      region.left = true;
      open--;
      if (!gone) {
        leftBehind.incrementAndGet();
      }
    }
    unmapIfLast();
  }

  private void unmapIfLast() {
    if (open == 0 && (releasing || retired)) {
      try {
        unmap();
      } catch (IllegalStateException e) {
        // an I/O operation holds the arena; the release says so when the other resources are done
        return;
      }
    }
  }

  /** Nothing new is mapped in it; it is unmapped with its last mapping. */
  synchronized void retire() {
    retired = true;
    unmapIfLast();
  }

  /** Whether it was unmapped. */
  synchronized boolean isGone() {
    return gone;
  }

  /** From here on nothing new is mapped in it. */
  synchronized void beginRelease() {
    releasing = true;
  }

  /**
   * Unmaps what is left, and gives the table entries back.
   *
   * @throws IllegalStateException if an I/O operation holds the memory; may be tried again
   */
  synchronized void unmap() {
    if (gone) {
      return;
    }
    // an arena that nothing was mapped in, and nothing will be, needs no handshake
    if (mapped > 0) {
      MappedRegion.close(arena, new Names());
    }
    // closing the arena again and giving an entry back again do nothing, so this can be tried again
    Failures failures = new Failures();
    closedInRelease.forEach(closed -> failures.attempt(closed.region::giveEntryBack));
    failures.rethrow();
    closedInRelease.clear();
    gone = true;
    quota.give(mapped);
    leftBehind.addAndGet(open - mapped);
  }

  /** What lived here, put into words only where a sentence needs it. */
  private final class Names {
    @Override
    public String toString() {
      return closedInRelease.stream()
          .limit(NAMED)
          .map(closed -> closed.mapping.toString())
          .collect(
              Collectors.joining(
                  ", ",
                  "device " + device + "'s memory (",
                  closedInRelease.size() > NAMED ? " and others)" : ")"));
    }
  }
}
