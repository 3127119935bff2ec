// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.Backing;
import java.lang.foreign.MemorySegment;

/**
 * The backing of simulated memory, which is its own media: what was stored stays until the machine
 * closes.
 */
public final class SimulatedBacking implements Backing {
  /** For memory that is allocated when it is touched, which a full file system refuses. */
  public static final SimulatedBacking INSTANCE = new SimulatedBacking(true);

  /** For memory that was allocated when it was mapped, on a file system that keeps it. */
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
        "no memory is left for this address: the file system that simulated memory lies in (-D"
            + MemoryDirectory.PROPERTY
            + ", else /dev/shm, else java.io.tmpdir) is full; free room there, or "
            + MemoryDirectory.ADVICE,
        error);
  }
}
