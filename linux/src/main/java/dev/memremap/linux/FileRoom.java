// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * The room that the file system of an attached file has left. A file with holes takes room when it
 * is first touched, which this library does not see. So each mapping of such a file looks for room,
 * and a file whose file system has little is warned about, once in the life of a JVM. That ends
 * after some hundreds of files.
 *
 * <p>Thread safety: {@code WARNED} guards itself; two threads that find little room at once warn
 * once.
 */
final class FileRoom {
  /** Less than this is little: 64 MiB. */
  static final long LITTLE_BYTES = 64L << 20;

  private static final Warned WARNED = new Warned(300);

  private FileRoom() {}

  /** Warns if a file has holes and there is little room to fill them. */
  static void look(Path file, Posix.Descriptor open) {
    long left = bytesLeft(file);
    if (left >= LITTLE_BYTES || WARNED.contains(file) || !hasHoles(open)) {
      return;
    }
    if (WARNED.add(file)) {
      warnSoon(file, left, FileRoom::startThread);
    }
  }

  private static void startThread(Runnable warning) {
    Thread.ofPlatform().daemon(false).name("memremap-log").start(warning);
  }

  /**
   * Warns in a thread of its own, for the caller may hold the lock of its machine, and a logger is
   * a user's code. Where no thread can be started, the warning is left out: the file can be mapped
   * all the same.
   *
   * @param threads starts a thread that runs the warning
   */
  @SuppressWarnings("EmptyCatch")
  static void warnSoon(Path file, long left, Executor threads) {
    try {
      threads.execute(() -> warn(file, left));
    } catch (OutOfMemoryError noThread) {
      // no reason to fail the mapping
    }
  }

  /**
   * The bytes that are left in a file's file system. Where that cannot be told, as for a path that
   * is gone, it is as many as there can be.
   */
  static long bytesLeft(Path file) {
    try {
      return Files.getFileStore(file).getUsableSpace();
    } catch (IOException unknown) {
      return Long.MAX_VALUE;
    }
  }

  /** Logs the warning; whatever the logger throws is ignored. */
  @SuppressWarnings("EmptyCatch")
  private static void warn(Path file, long left) {
    try {
      System.getLogger("dev.memremap")
          .log(
              System.Logger.Level.WARNING,
              "{0} has holes, and its file system has {1} KiB left: an access that finds no room"
                  + " fails, and ends the JVM where a class of the JDK or native code makes it past"
                  + " this library. Free room there; DaxFile.populate() takes the room when the"
                  + " file is mapped",
              file,
              left >>> 10);
    } catch (Throwable e) {
      // it can be reported nowhere else
    }
  }

  private static boolean hasHoles(Posix.Descriptor open) {
    try {
      return open.hasHoles();
    } catch (ErrnoException unknown) {
      return false; // whether it can be mapped is another question, which the mapping answers
    }
  }

  /**
   * The files that were warned about, up to a number of them.
   *
   * <p>Thread safety: {@code files} is a concurrent set; adding to it is guarded by {@code this},
   * so that there are never more than {@code most}.
   */
  static final class Warned {
    private final Set<Path> files = ConcurrentHashMap.newKeySet();
    private final int most;

    Warned(int most) {
      this.most = most;
    }

    boolean contains(Path file) {
      return files.contains(file);
    }

    /** Whether to warn about this file now: it is new, and the set has room for it. */
    synchronized boolean add(Path file) {
      return files.size() < most && files.add(file);
    }
  }
}
