// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.rule.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Set;

/**
 * Which file one is, as the system tells files apart. A copy has all that is in a file, and not
 * this.
 *
 * <p>A file's number may be another one's once that is deleted, so the time at which it was made
 * belongs to it where the file system knows that. The device's number does not then: it may change
 * when a file system is mounted anew.
 *
 * @param device the number of its file system
 * @param number its own there
 * @param links how many names it has
 * @param born when it was made, in words; empty if the file system does not know
 */
record FileIdentity(String device, long number, int links, String born) {
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_NLINK = 0x4;
  private static final int STATX_INO = 0x100;
  private static final int STATX_BTIME = 0x800;
  private static final long STATX_BYTES = 256;
  private static final long STATFS_BYTES = 256;

  /** Where the members of a statx lie. */
  private static final class At {
    static final long MASK = 0;
    static final long LINKS = 16;
    static final long NUMBER = 32;
    static final long BORN_SECONDS = 80;
    static final long BORN_NANOS = 88;
    static final long DEVICE_MAJOR = 136;
    static final long DEVICE_MINOR = 140;
  }

  /**
   * File systems that draw a file's number when it is opened, unless their servers know better:
   * FUSE, FAT, exFAT, SMB and CIFS. A file that was not open for a moment may have another one.
   */
  private static final Set<Long> DRAW_NUMBERS =
      Set.of(0x65735546L, 0x4d44L, 0x2011bab0L, 0xfe534d42L, 0xff534d42L);

  /** That of an open file. */
  static FileIdentity of(int fd) throws StoreFile.FailedCall {
    return of(fd, "", AT_EMPTY_PATH);
  }

  /** That of the file which has a name. */
  static FileIdentity of(Path path) throws StoreFile.FailedCall {
    return of(AT_FDCWD, path.toString(), 0);
  }

  private static FileIdentity of(int folder, String name, int flags) throws StoreFile.FailedCall {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(STATX_BYTES, Long.BYTES);
      int asked = STATX_INO | STATX_NLINK | STATX_BTIME;
      int result;
      do {
        result = LibC.statx(folder, arena.allocateFrom(name), flags, asked, found);
      } while (result == -Errno.EINTR.number());
      if (result < 0) {
        throw new StoreFile.FailedCall("statx", -result);
      }
      boolean isBornKnown = (found.get(ValueLayout.JAVA_INT, At.MASK) & STATX_BTIME) != 0;
      return new FileIdentity(
          "%x:%x"
              .formatted(
                  found.get(ValueLayout.JAVA_INT, At.DEVICE_MAJOR),
                  found.get(ValueLayout.JAVA_INT, At.DEVICE_MINOR)),
          found.get(ValueLayout.JAVA_LONG, At.NUMBER),
          found.get(ValueLayout.JAVA_INT, At.LINKS),
          isBornKnown
              ? "%d.%09d"
                  .formatted(
                      found.get(ValueLayout.JAVA_LONG, At.BORN_SECONDS),
                      found.get(ValueLayout.JAVA_INT, At.BORN_NANOS))
              : "");
    }
  }

  /** Whether an open file has the same number when it is opened later. */
  static boolean isLasting(int fd) throws StoreFile.FailedCall {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(STATFS_BYTES, Long.BYTES);
      int result;
      do {
        result = LibC.fstatfs(fd, found);
      } while (result == -Errno.EINTR.number());
      if (result < 0) {
        throw new StoreFile.FailedCall("fstatfs", -result);
      }
      return isLasting(found.get(ValueLayout.JAVA_LONG, 0));
    }
  }

  /** Whether a type of file system gives a file the same number each time. */
  static boolean isLasting(long type) {
    return !DRAW_NUMBERS.contains(type & 0xffffffffL);
  }

  /** What tells it from each other file, also later, if that of an open file is lasting. */
  String mark() {
    return born.isEmpty()
        ? "file %d of %s".formatted(number, device)
        : "file %d made at %s".formatted(number, born);
  }
}
