// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.rule.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the rest of this package asks of the system: descriptors that are closed, mappings that are
 * unmapped, calls that a signal interrupted made again.
 *
 * <p>The constants are those of Linux on x86-64, arm64 and riscv64, which agree on all of them.
 *
 * <p>Thread safety: as its {@link Syscalls}; its own state never changes.
 */
final class Posix {
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CLOEXEC = 0x80000;
  static final int O_SYNC = 0x101000;

  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_SHARED = 1;
  static final int MAP_SHARED_VALIDATE = 3;
  static final int MAP_SYNC = 0x80000;
  static final int MS_SYNC = 4;
  static final int MFD_CLOEXEC = 1;
  static final int MFD_HUGETLB = 4;
  static final int MFD_HUGE_SHIFT = 26;
  private static final int SEEK_END = 2;
  private static final int SEEK_HOLE = 4;
  private static final int FALLOC_FL_KEEP_SIZE = 1;

  /** The smallest page of any Linux; the system's own may be larger. */
  static final long PAGE = 4096;

  private final Syscalls calls;
  private final long pageBytes;

  Posix(Syscalls calls) {
    this.calls = calls;
    this.pageBytes = calls.pageSize();
  }

  /** The page size of this system. */
  long pageBytes() {
    return pageBytes;
  }

  /**
   * A file that is open.
   *
   * <p>Thread safety: {@code this} is locked while its number is used, since the system gives the
   * number of a closed file to the next one.
   */
  final class Descriptor implements AutoCloseable {
    private final int fd;
    private final String path;
    private final boolean writable;
    private boolean closed;

    private Descriptor(int fd, String path, boolean writable) {
      this.fd = fd;
      this.path = path;
      this.writable = writable;
    }

    String path() {
      return path;
    }

    /** Whether it was opened for writing, too. */
    boolean isWritable() {
      return writable;
    }

    /** How many bytes the file has. */
    synchronized long sizeBytes() throws ErrnoException {
      requireOpen();
      return check("lseek", path, calls.lseek(fd, 0, SEEK_END));
    }

    /** Makes the file this long. */
    synchronized void truncate(long bytes) throws ErrnoException {
      requireOpen();
      int result;
      do {
        result = calls.ftruncate(fd, bytes);
      } while (result == -Errno.EINTR.number());
      check("ftruncate", path, result);
    }

    /**
     * Has the file system allocate the blocks of a range that are not there yet. What the file
     * holds, and its length, stay as they are. Whole pages are allocated: a block may be smaller,
     * and a page can be touched only if all its blocks are there.
     */
    synchronized void allocate(long offset, long length) throws ErrnoException {
      requireOpen();
      long first = offset & -pageBytes;
      long whole = (offset + length - first + pageBytes - 1) & -pageBytes;
      int result;
      do {
        result = calls.fallocate(fd, FALLOC_FL_KEEP_SIZE, first, whole);
      } while (result == -Errno.EINTR.number());
      check("fallocate", path, result);
    }

    /** Whether the file system has not allocated all of the file; no if it cannot tell. */
    synchronized boolean hasHoles() throws ErrnoException {
      requireOpen();
      long size = check("lseek", path, calls.lseek(fd, 0, SEEK_END));
      long hole = calls.lseek(fd, 0, SEEK_HOLE);
      return hole >= 0 && hole < size;
    }

    /**
     * Maps a part of the file, shared.
     *
     * @param offset of the first byte; a multiple of what the file's kind demands
     * @param length in bytes; a multiple of that, too
     * @param arena whose closing unmaps it
     * @return the bytes; read-only if the file is
     */
    MemorySegment map(long offset, long length, Arena arena) throws ErrnoException {
      return map(offset, length, arena, MAP_SHARED);
    }

    /**
     * Maps a part of the file so that its bytes are on the media as soon as the processor's caches
     * are written back: {@code MAP_SYNC}. Parameters are those of {@link #map}.
     */
    MemorySegment mapSync(long offset, long length, Arena arena) throws ErrnoException {
      return map(offset, length, arena, MAP_SHARED_VALIDATE | MAP_SYNC);
    }

    @SuppressWarnings("restricted") // the address and the length are what mmap has granted
    private synchronized MemorySegment map(long offset, long length, Arena arena, int flags)
        throws ErrnoException {
      requireOpen();
      int prot = writable ? PROT_READ | PROT_WRITE : PROT_READ;
      long address = check("mmap", path, calls.mmap(length, prot, flags, fd, offset));
      try {
        MemorySegment segment =
            MemorySegment.ofAddress(address)
                .reinterpret(length, arena, unmapped -> unmap(address, length));
        return writable ? segment : segment.asReadOnly();
      } catch (RuntimeException | Error e) {
        unmap(address, length);
        throw e;
      }
    }

    private void requireOpen() {
      if (closed) {
        throw new IllegalStateException(path + " is closed");
      }
    }

    /**
     * Linux gives a descriptor up whatever close answers, so that calling again would close what
     * another thread has opened since.
     */
    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        calls.close(fd);
      }
    }
  }

  /** If this fails, the bytes stay mapped; their arena is closed, so they cannot be reached. */
  private void unmap(long address, long length) {
    calls.munmap(address, length);
  }

  /**
   * Opens a file to read and write, or, where that is not permitted, to read.
   *
   * @param flags in addition to the access mode and O_CLOEXEC
   */
  Descriptor open(String path, int flags) throws ErrnoException {
    try {
      return new Descriptor(openOnce(path, O_RDWR | O_CLOEXEC | flags), path, true);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EACCES && e.errno() != Errno.EROFS) {
        throw e;
      }
      try {
        return new Descriptor(openOnce(path, O_RDONLY | O_CLOEXEC | flags), path, false);
      } catch (ErrnoException reading) {
        reading.addSuppressed(e);
        throw reading;
      }
    }
  }

  /** Opens a file to read and write. */
  Descriptor openToWrite(String path) throws ErrnoException {
    return new Descriptor(openOnce(path, O_RDWR | O_CLOEXEC), path, true);
  }

  private int openOnce(String path, int flags) throws ErrnoException {
    int fd;
    do {
      fd = calls.open(path, flags);
    } while (fd == -Errno.EINTR.number());
    return (int) check("open", path, fd);
  }

  /**
   * A file that has no name and lives in memory.
   *
   * @param flags in addition to MFD_CLOEXEC
   */
  Descriptor memfd(String name, int flags) throws ErrnoException {
    int fd = (int) check("memfd_create", name, calls.memfdCreate(name, MFD_CLOEXEC | flags));
    return new Descriptor(fd, "memfd:" + name, true);
  }

  /** Returns when the pages that hold a range are on the media of their file. */
  void msync(String path, MemorySegment segment, long offset, long length) throws ErrnoException {
    long first = (segment.address() + offset) & -pageBytes;
    long end = segment.address() + offset + length;
    int result;
    do {
      result = calls.msync(first, end - first, MS_SYNC);
    } while (result == -Errno.EINTR.number());
    check("msync", path, result);
  }

  private static long check(String function, String path, long result) throws ErrnoException {
    // the kernel's own convention: the last page of addresses holds error numbers
    if (result < 0 && result >= -PAGE) {
      throw new ErrnoException(function, path, (int) -result);
    }
    return result;
  }
}
