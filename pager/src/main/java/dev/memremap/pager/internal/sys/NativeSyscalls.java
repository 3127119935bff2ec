// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

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
 * The C library's functions, called through the foreign function API. A call allocates nothing: a
 * fault is served by a few of them, a hundred thousand times a second.
 *
 * <p>Thread safety: the handles are constants, and each thread has a place of its own for {@code
 * errno}.
 */
final class NativeSyscalls implements Syscalls {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment> PLACE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private static final MethodHandle OPEN =
      variadic("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle MEMFD_CREATE =
      function("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      function("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle FALLOCATE =
      function(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle LSEEK =
      function("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MADVISE =
      function("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle READ =
      function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle WRITE =
      function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SHUTDOWN =
      function("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle PREAD =
      function(
          "pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle IOCTL =
      variadic("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), 2);
  private static final MethodHandle FCNTL =
      variadic("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG), 2);
  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SYSCALL =
      variadic(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          1);
  private static final MethodHandle SOCKET =
      function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle LISTEN =
      function("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ACCEPT4 =
      function(
          "accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CONNECT =
      function("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SENDMSG =
      function("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle RECVMSG =
      function("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle GETSOCKOPT =
      function(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SETSID = function("setsid", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle SIGNAL =
      function("signal", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG));
  private static final MethodHandle KILL =
      function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private static final MethodHandle GETPAGESIZE =
      function("getpagesize", FunctionDescriptor.of(JAVA_INT));

  private static final long SIG_IGN = 1;
  private static final int SHUT_RDWR = 2;

  @SuppressWarnings("restricted") // the descriptors are those of the manual pages
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"));
  }

  @SuppressWarnings("restricted") // the descriptors are those of the manual pages
  private static MethodHandle variadic(String name, FunctionDescriptor descriptor, int first) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(first));
  }

  private static int result(int result, MemorySegment place) {
    return result == -1 ? -(int) ERRNO.get(place, 0L) : result;
  }

  private static long result(long result, MemorySegment place) {
    return result == -1 ? -(int) ERRNO.get(place, 0L) : result;
  }

  private static Error none(Throwable e) {
    if (e instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (e instanceof Error error) {
      return error;
    }
    return new AssertionError("a downcall throws nothing of its own", e);
  }

  @Override
  public int open(String path, int flags) {
    MemorySegment place = PLACE.get();
    try (Arena arena = Arena.ofConfined()) {
      return result((int) OPEN.invokeExact(place, arena.allocateFrom(path), flags, 0600), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int close(int fd) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) CLOSE.invokeExact(place, fd), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int memfdCreate(String name, int flags) {
    MemorySegment place = PLACE.get();
    try (Arena arena = Arena.ofConfined()) {
      return result((int) MEMFD_CREATE.invokeExact(place, arena.allocateFrom(name), flags), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int ftruncate(int fd, long length) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) FTRUNCATE.invokeExact(place, fd, length), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int fallocate(int fd, int mode, long offset, long length) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) FALLOCATE.invokeExact(place, fd, mode, offset, length), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long lseek(int fd, long offset, int whence) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) LSEEK.invokeExact(place, fd, offset, whence), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long mmap(long length, int prot, int flags, int fd) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) MMAP.invokeExact(place, 0L, length, prot, flags, fd, 0L), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int munmap(long address, long length) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) MUNMAP.invokeExact(place, address, length), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int madvise(long address, long length, int advice) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) MADVISE.invokeExact(place, address, length, advice), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long read(int fd, long address, long length) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) READ.invokeExact(place, fd, address, length), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long pread(int fd, long address, long length, long offset) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) PREAD.invokeExact(place, fd, address, length, offset), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int ioctl(int fd, long request, long address) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) IOCTL.invokeExact(place, fd, request, address), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int fcntl(int fd, int command, long address) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) FCNTL.invokeExact(place, fd, command, address), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int poll(long address, long count, int milliseconds) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) POLL.invokeExact(place, address, count, milliseconds), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long syscall(long number, long a, long b, long c) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) SYSCALL.invokeExact(place, number, a, b, c), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int socket(int domain, int type) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) SOCKET.invokeExact(place, domain, type, 0), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int bind(int fd, long address, int length) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) BIND.invokeExact(place, fd, address, length), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int listen(int fd, int backlog) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) LISTEN.invokeExact(place, fd, backlog), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int accept(int fd, int flags) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) ACCEPT4.invokeExact(place, fd, 0L, 0L, flags), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int connect(int fd, long address, int length) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) CONNECT.invokeExact(place, fd, address, length), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long sendmsg(int fd, long address, int flags) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) SENDMSG.invokeExact(place, fd, address, flags), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long recvmsg(int fd, long address, int flags) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) RECVMSG.invokeExact(place, fd, address, flags), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int getsockopt(int fd, int level, int option, long address, long lengthAddress) {
    MemorySegment place = PLACE.get();
    try {
      return result(
          (int) GETSOCKOPT.invokeExact(place, fd, level, option, address, lengthAddress), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int setsid() {
    MemorySegment place = PLACE.get();
    try {
      return result((int) SETSID.invokeExact(place), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long ignoreSignal(int number) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) SIGNAL.invokeExact(place, number, SIG_IGN), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int kill(int pid, int signal) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) KILL.invokeExact(place, pid, signal), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int pageSize() {
    MemorySegment place = PLACE.get();
    try {
      return (int) GETPAGESIZE.invokeExact(place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public long write(int fd, long address, long length) {
    MemorySegment place = PLACE.get();
    try {
      return result((long) WRITE.invokeExact(place, fd, address, length), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }

  @Override
  public int shutdown(int fd) {
    MemorySegment place = PLACE.get();
    try {
      return result((int) SHUTDOWN.invokeExact(place, fd, SHUT_RDWR), place);
    } catch (Throwable e) {
      throw none(e);
    }
  }
}
