// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.spi.SegmentAccess;
import java.lang.foreign.MemorySegment;

/** Access to simulated memory. */
public final class SimulatedAccess {
  private SimulatedAccess() {}

  /** Loads a scalar. */
  public static long load(MemorySegment segment, long offset, int widthBits) {
    return SegmentAccess.load(segment, offset, widthBits, SimulatedBacking.INSTANCE);
  }

  /** Stores a scalar. */
  public static void store(MemorySegment segment, long offset, int widthBits, long value) {
    SegmentAccess.store(segment, offset, widthBits, value, SimulatedBacking.INSTANCE);
  }

  /** Copies bytes. */
  public static void copy(
      MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long bytes) {
    SegmentAccess.copy(from, fromOffset, to, toOffset, bytes, SimulatedBacking.INSTANCE);
  }
}
