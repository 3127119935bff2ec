// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The end of a process that this one did not start. In a container whose first process does not ask
 * after orphans, they stay as zombies, and {@link ProcessHandle#onExit} waits for ever. A zombie
 * without a living thread has closed all its files.
 */
public final class ProcessEnd {
  private static final long PATIENCE_SECONDS = 60;
  private static final long LOOK_NANOS = 2_000_000;

  private ProcessEnd() {}

  /** Kills a process, and returns when it has ended. */
  public static void kill(ProcessHandle process) {
    process.destroyForcibly();
    await(process);
  }

  /** Kills a process and those that it has started, and returns when they have ended. */
  public static void killWithChildren(ProcessHandle process) {
    List<ProcessHandle> started = process.children().toList();
    process.destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
    await(process);
    started.forEach(ProcessEnd::await);
  }

  /**
   * Returns when a process has ended.
   *
   * @throws AssertionError if it lives on for a minute
   */
  public static void await(ProcessHandle process) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (process.isAlive() && !isZombie(process.pid())) {
      if (System.nanoTime() - until > 0) {
        throw new AssertionError("process %d lives on".formatted(process.pid()));
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static boolean isZombie(long pid) {
    Path folder = Path.of("/proc/" + pid);
    try (Stream<Path> threads = Files.list(folder.resolve("task"))) {
      String stat = Files.readString(folder.resolve("stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z' && threads.count() == 1;
    } catch (IOException | UncheckedIOException e) {
      return false; // it ends just now, and is not alive at the next look
    }
  }
}
