// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.sys.Descriptor;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Syscalls;
import org.jspecify.annotations.Nullable;

/** Whether a process has ended, without mistaking another one for it that has its number now. */
final class WatchedProcess implements AutoCloseable {
  private final @Nullable Descriptor process;

  private WatchedProcess(@Nullable Descriptor process) {
    this.process = process;
  }

  /** A process that may have ended already. */
  static WatchedProcess of(Syscalls calls, long pid) {
    if (pid <= 0) {
      return new WatchedProcess(null);
    }
    try {
      return new WatchedProcess(Descriptor.ofProcess(calls, pid));
    } catch (SyscallException e) {
      return new WatchedProcess(null); // it has ended already
    }
  }

  /**
   * A process that began at a time.
   *
   * @param start in milliseconds since 1970; 0 if it is not known
   */
  static WatchedProcess of(Syscalls calls, long pid, long start) {
    WatchedProcess found = of(calls, pid);
    long began =
        ProcessHandle.of(pid)
            .flatMap(handle -> handle.info().startInstant())
            .map(java.time.Instant::toEpochMilli)
            .orElse(0L);
    if (start != 0 && began != 0 && began != start) {
      found.close();
      return new WatchedProcess(null);
    }
    return found;
  }

  /** Waits until it has ended, or for as long; -1 for ever. Returns whether it has. */
  boolean ended(int milliseconds) throws SyscallException {
    return process == null || process.await(milliseconds);
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }
}
