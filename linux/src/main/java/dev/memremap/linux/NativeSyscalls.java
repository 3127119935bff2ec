// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library's functions, called through the foreign function API. Every call captures {@code
 * errno} before the JVM can do anything that changes it.
 *
 * <p>Thread safety: the handles are constants, and each call has an arena of its own.
 */
final class NativeSyscalls implements Syscalls {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MSYNC =
      function("msync", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MEMFD_CREATE =
      function("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      function("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle FALLOCATE =
      function(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle LSEEK =
      function("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  private static final MethodHandle GETPAGESIZE =
      function("getpagesize", FunctionDescriptor.of(JAVA_INT));

  private static final int ENOSYS = 38;

  /** The C library has no function for membarrier, and each architecture a number of its own. */
  private static final long MEMBARRIER = membarrier(System.getProperty("os.arch", "unknown"));

  private static final MethodHandle SYSCALL =
      function(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(1));

  /** The number of the call; -1 on an architecture where it is not known here. */
  static long membarrier(String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" -> 324;
      case "aarch64", "riscv64", "loongarch64" -> 283;
      case "ppc64le", "ppc64" -> 365;
      case "s390x" -> 356;
      default -> -1;
    };
  }

  @SuppressWarnings("restricted") // the descriptors are those of the manual pages
  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... more) {
    Linker.Option[] options = new Linker.Option[more.length + 1];
    options[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(more, 0, options, 1, more.length);
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }

  /** A call with the place that its errno goes to. */
  private interface Call {
    long with(MemorySegment state, SegmentAllocator allocator) throws Throwable;
  }

  private static long call(Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = call.with(state, arena);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall throws nothing of its own", e);
    }
  }

  @Override
  public int open(String path, int flags) {
    return (int)
        call((state, arena) -> (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags));
  }

  @Override
  public int close(int fd) {
    return (int) call((state, arena) -> (int) CLOSE.invokeExact(state, fd));
  }

  @Override
  public long mmap(long length, int prot, int flags, int fd, long offset) {
    return call(
        (state, arena) -> (long) MMAP.invokeExact(state, 0L, length, prot, flags, fd, offset));
  }

  @Override
  public int munmap(long address, long length) {
    return (int) call((state, arena) -> (int) MUNMAP.invokeExact(state, address, length));
  }

  @Override
  public int msync(long address, long length, int flags) {
    return (int) call((state, arena) -> (int) MSYNC.invokeExact(state, address, length, flags));
  }

  @Override
  public int memfdCreate(String name, int flags) {
    return (int)
        call(
            (state, arena) ->
                (int) MEMFD_CREATE.invokeExact(state, arena.allocateFrom(name), flags));
  }

  @Override
  public int ftruncate(int fd, long length) {
    return (int) call((state, arena) -> (int) FTRUNCATE.invokeExact(state, fd, length));
  }

  @Override
  public int fallocate(int fd, int mode, long offset, long length) {
    return (int)
        call((state, arena) -> (int) FALLOCATE.invokeExact(state, fd, mode, offset, length));
  }

  @Override
  public long lseek(int fd, long offset, int whence) {
    return call((state, arena) -> (long) LSEEK.invokeExact(state, fd, offset, whence));
  }

  @Override
  public int membarrier(int command) {
    if (MEMBARRIER < 0) {
      return -ENOSYS;
    }
    return (int)
        call((state, arena) -> (long) SYSCALL.invokeExact(state, MEMBARRIER, command, 0, 0));
  }

  @Override
  public int pageSize() {
    return (int) call((state, arena) -> (int) GETPAGESIZE.invokeExact(state));
  }
}
