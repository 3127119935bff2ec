// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

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
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> STATES =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle PREAD =
      function("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PWRITE =
      function("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FDATASYNC =
      function("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FSYNC =
      function("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      function("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle LSEEK =
      function("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle FLOCK =
      function("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MADVISE =
      function("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MINCORE =
      function("mincore", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle IOCTL =
      function(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(2));

  private LibC() {}

  @SuppressWarnings("restricted") // the descriptors are those of the manual pages
  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... more) {
    Linker.Option[] options = new Linker.Option[more.length + 1];
    options[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(more, 0, options, 1, more.length);
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }

  private static long answer(MemorySegment state, long result) {
    return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
  }

  private static RuntimeException thrown(Throwable e) {
    switch (e) {
      case RuntimeException already -> throw already;
      case Error error -> throw error;
      default -> throw new AssertionError("a downcall throws nothing of its own", e);
    }
  }

  static int open(String path, int flags, int permissions) {
    MemorySegment state = STATES.get();
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          answer(
              state, (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, permissions));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int close(int fd) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) CLOSE.invokeExact(state, fd));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static long pread(int fd, MemorySegment into, long bytes, long offset) {
    MemorySegment state = STATES.get();
    try {
      return answer(state, (long) PREAD.invokeExact(state, fd, into, bytes, offset));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static long pwrite(int fd, MemorySegment from, long bytes, long offset) {
    MemorySegment state = STATES.get();
    try {
      return answer(state, (long) PWRITE.invokeExact(state, fd, from, bytes, offset));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int fdatasync(int fd) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) FDATASYNC.invokeExact(state, fd));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int fsync(int fd) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) FSYNC.invokeExact(state, fd));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int ftruncate(int fd, long bytes) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) FTRUNCATE.invokeExact(state, fd, bytes));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static long lseek(int fd, long offset, int whence) {
    MemorySegment state = STATES.get();
    try {
      return answer(state, (long) LSEEK.invokeExact(state, fd, offset, whence));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int flock(int fd, int operation) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) FLOCK.invokeExact(state, fd, operation));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static long mmap(long bytes, int protection, int flags, int fd) {
    MemorySegment state = STATES.get();
    try {
      return answer(state, (long) MMAP.invokeExact(state, 0L, bytes, protection, flags, fd, 0L));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int munmap(long address, long bytes) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) MUNMAP.invokeExact(state, address, bytes));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int madvise(MemorySegment part, int advice) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) MADVISE.invokeExact(state, part, part.byteSize(), advice));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int mincore(MemorySegment part, MemorySegment answers) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) MINCORE.invokeExact(state, part, part.byteSize(), answers));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }

  static int ioctl(int fd, long request, long argument) {
    MemorySegment state = STATES.get();
    try {
      return (int) answer(state, (int) IOCTL.invokeExact(state, fd, request, argument));
    } catch (Throwable e) {
      throw thrown(e);
    }
  }
}
