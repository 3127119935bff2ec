// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.pager.internal.libc.CFunction;
import java.lang.foreign.MemorySegment;

/**
 * The functions of the C library that a file needs. Each returns what the function does, or, if
 * that is -1, its errno, negated.
 *
 * <p>A FileChannel would be closed by an interrupt of the thread that writes, would say why a call
 * failed in the words of the system's language alone, and would lose its lock as soon as the same
 * process opened and closed the file once more.
 *
 * <p>Thread safety: each thread has an errno of its own.
 */
final class LibC {
  private static final CFunction OPEN = CFunction.of("open");
  private static final CFunction CLOSE = CFunction.of("close");
  private static final CFunction PREAD = CFunction.of("pread");
  private static final CFunction PWRITE = CFunction.of("pwrite");
  private static final CFunction FDATASYNC = CFunction.of("fdatasync");
  private static final CFunction FSYNC = CFunction.of("fsync");
  private static final CFunction FTRUNCATE = CFunction.of("ftruncate");
  private static final CFunction LSEEK = CFunction.of("lseek");
  private static final CFunction FLOCK = CFunction.of("flock");
  private static final CFunction MMAP = CFunction.of("mmap");
  private static final CFunction MUNMAP = CFunction.of("munmap");
  private static final CFunction MADVISE = CFunction.of("madvise");
  private static final CFunction MINCORE = CFunction.of("mincore");
  private static final CFunction IOCTL = CFunction.of("ioctl");
  private static final CFunction STATX = CFunction.of("statx");
  private static final CFunction FSTATFS = CFunction.of("fstatfs");

  private LibC() {}

  static int open(String path, int flags, int permissions) {
    return OPEN.toInt(path, flags, permissions);
  }

  static int close(int fd) {
    return CLOSE.toInt(fd);
  }

  static long pread(int fd, MemorySegment into, long bytes, long offset) {
    return PREAD.toLong(fd, into, bytes, offset);
  }

  static long pwrite(int fd, MemorySegment from, long bytes, long offset) {
    return PWRITE.toLong(fd, from, bytes, offset);
  }

  static int fdatasync(int fd) {
    return FDATASYNC.toInt(fd);
  }

  static int fsync(int fd) {
    return FSYNC.toInt(fd);
  }

  static int ftruncate(int fd, long bytes) {
    return FTRUNCATE.toInt(fd, bytes);
  }

  static long lseek(int fd, long offset, int whence) {
    return LSEEK.toLong(fd, offset, whence);
  }

  static int flock(int fd, int operation) {
    return FLOCK.toInt(fd, operation);
  }

  static long mmap(long bytes, int protection, int flags, int fd) {
    return MMAP.toLong(0, bytes, protection, flags, fd, 0);
  }

  static int munmap(long address, long bytes) {
    return MUNMAP.toInt(address, bytes);
  }

  /** Called for a part of a mapping that {@link #mmap} made and that is there. */
  static int madvise(MemorySegment part, int advice) {
    return MADVISE.toInt(part.address(), part.byteSize(), advice);
  }

  /**
   * Called for a part of a mapping that {@link #mmap} made and that is there.
   *
   * @param answers memory of this thread's that is not given back, a byte for each page
   */
  static int mincore(MemorySegment part, MemorySegment answers) {
    return MINCORE.toInt(part.address(), part.byteSize(), answers.address());
  }

  /**
   * Called with the addresses of a text, and of room for what is found.
   *
   * @param found 256 bytes
   */
  static int statx(int folder, MemorySegment name, int flags, int asked, MemorySegment found) {
    return STATX.toInt(folder, name.address(), flags, asked, found.address());
  }

  /**
   * Called with room for what is found.
   *
   * @param found more bytes than each system's statfs has
   */
  static int fstatfs(int fd, MemorySegment found) {
    return FSTATFS.toInt(fd, found.address());
  }

  static int ioctl(int fd, long request, long argument) {
    return IOCTL.toInt(fd, request, argument);
  }
}
