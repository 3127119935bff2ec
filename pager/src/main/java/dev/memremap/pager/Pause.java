// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import java.util.concurrent.locks.LockSupport;

/**
 * Pauses of a thread that waits for something even if it is interrupted: a thread whose interrupt
 * is set does not park. The interrupt is set again at the end.
 *
 * <p>Thread safety: one thread's.
 */
final class Pause implements AutoCloseable {
  private boolean interrupted;

  /** Waits so long at most. */
  void nanos(long most) {
    interrupted |= Thread.interrupted();
    LockSupport.parkNanos(most);
  }

  @Override
  public void close() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
