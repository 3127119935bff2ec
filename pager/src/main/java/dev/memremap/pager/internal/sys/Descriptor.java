// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

import dev.memremap.rule.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A descriptor of this process, and what is asked of the file behind it. None reaches a program
 * that this process starts.
 *
 * <p>Thread safety: all methods may be called from any thread, but for {@link #close}, which no
 * other call may overlap.
 */
public final class Descriptor implements AutoCloseable {
  private static final int O_RDWR_CLOEXEC = 0x80002;
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int MFD_CLOEXEC = 1;
  private static final int PROT_READ = 1;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED_NORESERVE = 0x4001;
  private static final int FALLOC_PUNCH = 3;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final int F_OFD_SETLKW = 38;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;
  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_GETFD = 438;
  private static final short POLLIN = 1;
  private static final int MADV_NOHUGEPAGE = 15;

  private final Syscalls calls;
  private final int fd;
  private final String what;

  /**
   * Takes a descriptor over.
   *
   * @param what the file behind it, for sentences
   */
  public Descriptor(Syscalls calls, int fd, String what) {
    this.calls = calls;
    this.fd = fd;
    this.what = what;
  }

  /** Makes a file that has no name and lives in memory; each page is allocated when it is used. */
  public static Descriptor memfd(Syscalls calls, String name, long bytes) throws SyscallException {
    int fd =
        (int) SyscallException.check("memfd_create", name, calls.memfdCreate(name, MFD_CLOEXEC));
    Descriptor made = new Descriptor(calls, fd, "memfd:" + name);
    try {
      SyscallException.check("ftruncate", made.what, calls.ftruncate(fd, bytes));
      return made;
    } catch (SyscallException e) {
      made.close();
      throw e;
    }
  }

  /** Opens a file to read and write. */
  public static Descriptor open(Syscalls calls, String path) throws SyscallException {
    return open(calls, path, O_RDWR_CLOEXEC);
  }

  /** Opens a file to read. */
  public static Descriptor openToRead(Syscalls calls, String path) throws SyscallException {
    return open(calls, path, O_RDONLY_CLOEXEC);
  }

  private static Descriptor open(Syscalls calls, String path, int flags) throws SyscallException {
    int fd;
    do {
      fd = calls.open(path, flags);
    } while (fd == -Errno.EINTR.number());
    return new Descriptor(calls, (int) SyscallException.check("open", path, fd), path);
  }

  /** Opens what says when a process ended: {@code pidfd_open(2)}. */
  public static Descriptor ofProcess(Syscalls calls, long pid) throws SyscallException {
    String on = "process " + pid;
    long fd = SyscallException.check("pidfd_open", on, calls.syscall(PIDFD_OPEN, pid, 0, 0));
    return new Descriptor(calls, (int) fd, on);
  }

  /** Takes a copy of another process's descriptor; this one is that process's pidfd. */
  public Descriptor ofTheirs(int theirs, String of) throws SyscallException {
    long copy =
        SyscallException.check("pidfd_getfd", what, calls.syscall(PIDFD_GETFD, fd, theirs, 0));
    return new Descriptor(calls, (int) copy, of);
  }

  /** Opens the file behind this descriptor once more, for locks of its own. */
  public Descriptor again() throws SyscallException {
    return new Descriptor(calls, open(calls, "/proc/self/fd/" + fd).fd, what);
  }

  /** Returns its number. */
  public int number() {
    return fd;
  }

  /** Returns what is behind it. */
  public String what() {
    return what;
  }

  /** Returns the door it was opened by. */
  public Syscalls calls() {
    return calls;
  }

  /**
   * Maps the file from its first byte, shared.
   *
   * @param arena whose closing unmaps it
   */
  public MemorySegment map(long bytes, Arena arena) throws SyscallException {
    return map(bytes, PROT_READ_WRITE, arena);
  }

  /** Maps the file from its first byte, shared and read-only. */
  public MemorySegment mapToRead(long bytes, Arena arena) throws SyscallException {
    return map(bytes, PROT_READ, arena).asReadOnly();
  }

  @SuppressWarnings("restricted") // the address and the length are what mmap has granted
  private MemorySegment map(long bytes, int prot, Arena arena) throws SyscallException {
    long address =
        SyscallException.check("mmap", what, calls.mmap(bytes, prot, MAP_SHARED_NORESERVE, fd));
    // refused where a kernel has no huge pages at all, where nothing is to be refused
    calls.madvise(address, bytes, MADV_NOHUGEPAGE);
    return MemorySegment.ofAddress(address)
        .reinterpret(bytes, arena, gone -> calls.munmap(address, bytes));
  }

  /** Reads into memory; less than {@code bytes} only at the end of the file. */
  public void read(long offset, MemorySegment into) throws SyscallException {
    long done = 0;
    while (done < into.byteSize()) {
      long read = calls.pread(fd, into.address() + done, into.byteSize() - done, offset + done);
      if (read == -Errno.EINTR.number()) {
        continue;
      }
      if (SyscallException.check("pread", what, read) == 0) {
        throw new SyscallException("pread", what, Errno.ENXIO.number());
      }
      done += read;
    }
  }

  /** Gives the memory of a part of the file back; it reads as zeros afterwards. */
  public void punch(long offset, long bytes) throws SyscallException {
    int result;
    do {
      result = calls.fallocate(fd, FALLOC_PUNCH, offset, bytes);
    } while (result == -Errno.EINTR.number());
    SyscallException.check("fallocate", what, result);
  }

  /**
   * Returns where the first byte at or after an offset is that has memory; -1 if all that follow
   * have none.
   */
  public long nextData(long offset) throws SyscallException {
    return seek(offset, SEEK_DATA);
  }

  /** Returns where the first byte at or after an offset is that has no memory. */
  public long nextHole(long offset) throws SyscallException {
    return seek(offset, SEEK_HOLE);
  }

  private long seek(long offset, int whence) throws SyscallException {
    long found = calls.lseek(fd, offset, whence);
    return found == -Errno.ENXIO.number() ? -1 : SyscallException.check("lseek", what, found);
  }

  /**
   * Locks one byte of the file for as long as this descriptor is open, which is at most as long as
   * this process lives.
   *
   * @param waits whether to wait until another process that has the lock ends
   * @return whether it was locked
   */
  public boolean lock(long offset, boolean waits) throws SyscallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment lock = oneByte(offset, arena);
      int result;
      do {
        result = calls.fcntl(fd, waits ? F_OFD_SETLKW : F_OFD_SETLK, lock.address());
      } while (result == -Errno.EINTR.number());
      if (!waits && (result == -Errno.EAGAIN.number() || result == -Errno.EACCES.number())) {
        return false;
      }
      SyscallException.check("fcntl", what, result);
      return true;
    }
  }

  /** Returns whether another open file holds the lock on a byte of the file. It takes none. */
  public boolean isLocked(long offset) throws SyscallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment lock = oneByte(offset, arena);
      SyscallException.check("fcntl", what, calls.fcntl(fd, F_OFD_GETLK, lock.address()));
      return lock.get(ValueLayout.JAVA_SHORT, 0) != F_UNLCK;
    }
  }

  /** A struct flock: type, whence, start, length, and a process that stays 0. */
  private static MemorySegment oneByte(long offset, Arena arena) {
    MemorySegment lock = arena.allocate(32, 8);
    lock.set(ValueLayout.JAVA_SHORT, 0, F_WRLCK);
    lock.set(ValueLayout.JAVA_LONG, 8, offset);
    lock.set(ValueLayout.JAVA_LONG, 16, 1);
    return lock;
  }

  /**
   * Waits until something can be read here, or, of a pidfd, until the process has ended.
   *
   * @param milliseconds how long at most; -1 for ever
   * @return whether it is so
   */
  public boolean await(int milliseconds) throws SyscallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment poll = arena.allocate(8, 8);
      poll.set(ValueLayout.JAVA_INT, 0, fd);
      poll.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
      int ready = calls.poll(poll.address(), 1, milliseconds);
      return ready != -Errno.EINTR.number() && SyscallException.check("poll", what, ready) > 0;
    }
  }

  /** Linux gives a descriptor up whatever close answers. */
  @Override
  public void close() {
    calls.close(fd);
  }

  @Override
  public String toString() {
    return "%s (descriptor %d)".formatted(what, fd);
  }
}
