// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.Backing;
import java.lang.foreign.MemorySegment;

/**
 * Behind simulated memory there is no media but itself: what was stored is where it belongs, and
 * stays until the machine closes.
 */
public final class SimulatedBacking implements Backing {
  /** Behind memory that takes its room when it is touched, which a full file system denies. */
  public static final SimulatedBacking INSTANCE = new SimulatedBacking(true);

  /** Behind memory that has its room, on a file system that does not take it back. */
  static final SimulatedBacking ALLOCATED = new SimulatedBacking(false);

  private final boolean canBeLost;

  private SimulatedBacking(boolean canBeLost) {
    this.canBeLost = canBeLost;
  }

  @Override
  public boolean canBeLost() {
    return canBeLost;
  }

  @Override
  public String name() {
    return "simulated memory";
  }

  @Override
  public void persist(MemorySegment mapped, long offset, long length) {}

  @Override
  public void drain() {}

  @Override
  public MemremapException lost(InternalError error) {
    return MemoryDirectory.refusal(
        Errno.ENOSPC,
        "there is no memory behind this address: the file system that simulated memory lies in (-D"
            + MemoryDirectory.PROPERTY
            + ", else /dev/shm, else java.io.tmpdir) is full; free room there, or "
            + MemoryDirectory.ADVICE,
        error);
  }
}
