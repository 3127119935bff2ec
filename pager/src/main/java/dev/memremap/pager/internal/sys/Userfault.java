// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

import dev.memremap.rule.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Faults of a process's memory, served by this one or another: {@code userfaultfd(2)}. Memory is
 * registered for pages that are missing and for pages that are protected against writes.
 *
 * <p>Results of the calls that serve a fault are numbers, negative where they failed, and nothing
 * is allocated for them.
 *
 * <p>Thread safety: all methods may be called from any thread, but for {@link #close}.
 */
public final class Userfault implements AutoCloseable {
  /** How many bytes {@link #read} writes for each fault. */
  public static final int EVENT_BYTES = 32;

  private static final int EVENT_FLAGS = 8;
  private static final int EVENT_ADDRESS = 16;
  private static final byte EVENT_PAGEFAULT = 0x12;
  private static final long FLAG_WRITE = 1;
  private static final long FLAG_WP = 2;

  private static final long API = 0xc018aa3fL;
  private static final long REGISTER = 0xc020aa00L;
  private static final long WAKE = 0x8010aa02L;
  private static final long COPY = 0xc028aa03L;
  private static final long WRITEPROTECT = 0xc018aa06L;
  private static final long POISON = 0xc020aa08L;
  private static final long NEW = 0xaa00L;
  private static final long API_VERSION = 0xaa;
  private static final long MODE_MISSING_WP = 3;
  private static final long COPY_WP = 2;

  private static final long FEATURE_WP = 1;
  private static final long FEATURE_SHMEM = 1L << 5;
  private static final long FEATURE_WP_SHMEM = 1L << 12;
  private static final long FEATURE_POISON = 1L << 14;
  private static final long NEEDED = FEATURE_WP | FEATURE_SHMEM | FEATURE_WP_SHMEM;

  private static final int O_CLOEXEC = 0x80000;
  private static final int USER_MODE_ONLY = 1;

  // the largest argument of an ioctl here has 40 bytes
  private static final ThreadLocal<MemorySegment> ARGUMENT =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(64, 64));

  /** Which faults are served. */
  public enum Scope {
    /** Faults of the program, and those of system calls that it makes. */
    ALL,
    /** Those of the program alone: a system call that meets a missing page fails with EFAULT. */
    USER
  }

  private final Descriptor file;
  private final Syscalls calls;
  private final Scope scope;
  private final boolean poisons;

  /**
   * Serves faults of memory that another process has registered.
   *
   * @param poisons whether the kernel can poison pages
   */
  public Userfault(Descriptor file, Scope scope, boolean poisons) {
    this.file = file;
    this.calls = file.calls();
    this.scope = scope;
    this.poisons = poisons;
  }

  /**
   * Opens one, for all faults where this process may have them, else for the program's own.
   *
   * @throws SyscallException if the system has none or refuses it; {@link #refusal} says why
   */
  public static Userfault open(Syscalls calls) throws SyscallException {
    Opened opened = Opened.of(calls);
    long supported;
    try {
      supported = handshake(calls, opened.fd, 0);
    } finally {
      calls.close(opened.fd);
    }
    if ((supported & NEEDED) != NEEDED) {
      throw new SyscallException("UFFDIO_API", "userfaultfd", Errno.EOPNOTSUPP.number());
    }
    opened = Opened.of(calls);
    Descriptor file = new Descriptor(calls, opened.fd, "userfaultfd");
    try {
      handshake(calls, opened.fd, NEEDED | (supported & FEATURE_POISON));
    } catch (SyscallException e) {
      file.close();
      throw e;
    }
    return new Userfault(file, opened.scope, (supported & FEATURE_POISON) != 0);
  }

  private record Opened(int fd, Scope scope) {
    static Opened of(Syscalls calls) throws SyscallException {
      int all = (int) calls.syscall(number(), O_CLOEXEC, 0, 0);
      if (all >= 0) {
        return new Opened(all, Scope.ALL);
      }
      int byDevice = byDevice(calls);
      if (byDevice >= 0) {
        return new Opened(byDevice, Scope.ALL);
      }
      int user = (int) calls.syscall(number(), O_CLOEXEC | USER_MODE_ONLY, 0, 0);
      SyscallException.check("userfaultfd", "this process", user);
      return new Opened(user, Scope.USER);
    }

    /** A process that may open the device may have all faults: Linux 6.1. */
    private static int byDevice(Syscalls calls) {
      int device = calls.open("/dev/userfaultfd", O_CLOEXEC | 2);
      if (device < 0) {
        return device;
      }
      try {
        return calls.ioctl(device, NEW, O_CLOEXEC);
      } finally {
        calls.close(device);
      }
    }
  }

  /** The number of the call: x86-64 has one of its own. */
  private static long number() {
    return System.getProperty("os.arch", "").equals("amd64") ? 323 : 282;
  }

  private static long handshake(Syscalls calls, int fd, long features) throws SyscallException {
    MemorySegment api = ARGUMENT.get();
    api.set(ValueLayout.JAVA_LONG, 0, API_VERSION);
    api.set(ValueLayout.JAVA_LONG, 8, features);
    api.set(ValueLayout.JAVA_LONG, 16, 0);
    SyscallException.check("UFFDIO_API", "userfaultfd", calls.ioctl(fd, API, api.address()));
    return api.get(ValueLayout.JAVA_LONG, 8);
  }

  /** Returns one sentence that says why {@link #open} failed, and what to do. */
  public static String refusal(SyscallException e) {
    if (e.is(Errno.EPERM) || e.is(Errno.EACCES)) {
      return "this process may not use userfaultfd (%s): a container's seccomp profile forbids it, so run it with a profile that allows the call, or give it /dev/userfaultfd"
          .formatted(e.getMessage());
    }
    if (e.is(Errno.ENOSYS)) {
      return "this kernel was built without userfaultfd (%s); remote memory needs it"
          .formatted(e.getMessage());
    }
    if (e.is(Errno.EOPNOTSUPP) || e.is(Errno.EINVAL)) {
      return "this kernel's userfaultfd cannot protect a memory file's pages against writes (%s), which remote memory needs; Linux can since 5.19"
          .formatted(e.getMessage());
    }
    return "userfaultfd cannot be opened (%s)".formatted(e.getMessage());
  }

  /** Returns the descriptor. */
  public Descriptor file() {
    return file;
  }

  /** Returns which faults are served. */
  public Scope scope() {
    return scope;
  }

  /** Returns whether the kernel can poison pages. */
  public boolean poisons() {
    return poisons;
  }

  /** Registers memory of this process, which from then on waits where a page is missing. */
  public void register(MemorySegment memory) throws SyscallException {
    MemorySegment to = ARGUMENT.get();
    to.set(ValueLayout.JAVA_LONG, 0, memory.address());
    to.set(ValueLayout.JAVA_LONG, 8, memory.byteSize());
    to.set(ValueLayout.JAVA_LONG, 16, MODE_MISSING_WP);
    SyscallException.check("UFFDIO_REGISTER", file.what(), ioctl(REGISTER, to));
  }

  private int ioctl(long request, MemorySegment argument) {
    return calls.ioctl(file.number(), request, argument.address());
  }

  /**
   * Waits for faults.
   *
   * @param events room for as many as are taken at once
   * @return how many bytes of events there are, or the negative error number
   */
  public long read(MemorySegment events) {
    return calls.read(file.number(), events.address(), events.byteSize());
  }

  /** Returns whether an event that was read is a fault; the others are not asked for. */
  public static boolean isFault(MemorySegment events, long at) {
    return events.get(ValueLayout.JAVA_BYTE, at) == EVENT_PAGEFAULT;
  }

  /** Returns the address of the fault. */
  public static long address(MemorySegment events, long at) {
    return events.get(ValueLayout.JAVA_LONG, at + EVENT_ADDRESS);
  }

  /** Returns whether the fault is a write. */
  public static boolean isWrite(MemorySegment events, long at) {
    return (events.get(ValueLayout.JAVA_LONG, at + EVENT_FLAGS) & FLAG_WRITE) != 0;
  }

  /** Returns whether the fault is a write to a page that is there and protected. */
  public static boolean isProtected(MemorySegment events, long at) {
    return (events.get(ValueLayout.JAVA_LONG, at + EVENT_FLAGS) & FLAG_WP) != 0;
  }

  /**
   * Puts pages where they are missing, and wakes the threads that wait for them: {@code
   * UFFDIO_COPY}.
   *
   * @param to the address in the memory that is served
   * @param from the address here
   * @param isProtected whether a write to them is to be a fault
   * @return how many bytes were put, less than asked for if a later page is there already; or the
   *     negative error number if none was
   */
  public long copy(long to, long from, long bytes, boolean isProtected) {
    MemorySegment copy = ARGUMENT.get();
    copy.set(ValueLayout.JAVA_LONG, 0, to);
    copy.set(ValueLayout.JAVA_LONG, 8, from);
    copy.set(ValueLayout.JAVA_LONG, 16, bytes);
    copy.set(ValueLayout.JAVA_LONG, 24, isProtected ? COPY_WP : 0);
    copy.set(ValueLayout.JAVA_LONG, 32, 0);
    int result = ioctl(COPY, copy);
    if (result == 0) {
      return bytes;
    }
    long done = copy.get(ValueLayout.JAVA_LONG, 32);
    return done > 0 ? done : result;
  }

  /** Wakes the threads that wait for pages, to look again: {@code UFFDIO_WAKE}. */
  public int wake(long address, long bytes) {
    return ioctl(WAKE, range(address, bytes));
  }

  /** Makes each later write to pages a fault: {@code UFFDIO_WRITEPROTECT}. */
  public int protect(long address, long bytes) {
    return writeProtect(address, bytes, 1);
  }

  /** Lets writes to pages pass, and wakes the threads that wait for that. */
  public int unprotect(long address, long bytes) {
    return writeProtect(address, bytes, 0);
  }

  private int writeProtect(long address, long bytes, long mode) {
    MemorySegment of = range(address, bytes);
    of.set(ValueLayout.JAVA_LONG, 16, mode);
    return ioctl(WRITEPROTECT, of);
  }

  /**
   * Makes each access to missing pages an error, and wakes the threads that wait: {@code
   * UFFDIO_POISON}.
   */
  public int poison(long address, long bytes) {
    MemorySegment of = range(address, bytes);
    of.set(ValueLayout.JAVA_LONG, 16, 0);
    of.set(ValueLayout.JAVA_LONG, 24, 0);
    return ioctl(POISON, of);
  }

  private static MemorySegment range(long address, long bytes) {
    MemorySegment range = ARGUMENT.get();
    range.set(ValueLayout.JAVA_LONG, 0, address);
    range.set(ValueLayout.JAVA_LONG, 8, bytes);
    return range;
  }

  @Override
  public void close() {
    file.close();
  }
}
