// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.rule.Errno;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Another door, by default the real C library, of which any call can be made to fail, and which
 * counts what stays open. A call that contradicts what it counted is an error, with or without
 * {@code -ea}.
 *
 * <p>Thread safety: the fault is guarded by {@code this}; the books are concurrent collections. A
 * number leaves the books before the system may give it to the next caller.
 */
final class FaultySyscalls implements Syscalls {
  private final Syscalls real;
  private final Set<Integer> open = ConcurrentHashMap.newKeySet();
  private final Map<Long, Long> mapped = new ConcurrentHashMap<>();
  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private String failing = "";
  private Errno errno = Errno.EIO;
  private int times;

  FaultySyscalls() {
    this(Native.calls());
  }

  FaultySyscalls(Syscalls real) {
    this.real = real;
  }

  /** The next calls of a function fail. */
  synchronized void fail(String function, Errno with, int howOften) {
    failing = function;
    errno = with;
    times = howOften;
  }

  private synchronized int injected(String function) {
    calls.add(function);
    if (!function.equals(failing) || times == 0) {
      return 0;
    }
    times--;
    return -errno.number();
  }

  /** Which functions were called, in order. */
  List<String> calls() {
    return calls;
  }

  /** Descriptors that are still open. */
  Set<Integer> openDescriptors() {
    return open;
  }

  /** Addresses that are still mapped. */
  Set<Long> mappedAddresses() {
    return mapped.keySet();
  }

  /** How many bytes are still mapped. */
  long mappedBytes() {
    return mapped.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Unmaps what an injected failure has left mapped. */
  void unmapAll() {
    mapped.forEach(real::munmap);
    mapped.clear();
  }

  @Override
  public int pageSize() {
    return real.pageSize();
  }

  private int opened(int fd) {
    if (fd >= 0) {
      open.add(fd);
    }
    return fd;
  }

  @Override
  public int open(String path, int flags) {
    int injected = injected("open");
    return injected != 0 ? injected : opened(real.open(path, flags));
  }

  /** Linux closes the descriptor whatever it answers. */
  @Override
  public int close(int fd) {
    int injected = injected("close");
    if (!open.remove(fd)) {
      throw new AssertionError("closed twice, or never opened: " + fd);
    }
    int result = real.close(fd);
    return injected != 0 ? injected : result;
  }

  @Override
  public long mmap(long length, int prot, int flags, int fd, long offset) {
    int injected = injected("mmap");
    if (injected != 0) {
      return injected;
    }
    long address = real.mmap(length, prot, flags, fd, offset);
    if (address > 0) {
      mapped.put(address, length);
    }
    return address;
  }

  @Override
  public int munmap(long address, long length) {
    int injected = injected("munmap");
    if (injected != 0) {
      return injected;
    }
    if (!mapped.remove(address, length)) {
      throw new AssertionError("never mapped so: 0x%x+%d".formatted(address, length));
    }
    return real.munmap(address, length);
  }

  @Override
  public int msync(long address, long length, int flags) {
    int injected = injected("msync");
    calls.add("msync 0x%x+%d".formatted(address, length));
    return injected != 0 ? injected : real.msync(address, length, flags);
  }

  @Override
  public int memfdCreate(String name, int flags) {
    int injected = injected("memfd_create");
    return injected != 0 ? injected : opened(real.memfdCreate(name, flags));
  }

  @Override
  public int ftruncate(int fd, long length) {
    int injected = injected("ftruncate");
    return injected != 0 ? injected : real.ftruncate(fd, length);
  }

  @Override
  public int fallocate(int fd, int mode, long offset, long length) {
    int injected = injected("fallocate");
    return injected != 0 ? injected : real.fallocate(fd, mode, offset, length);
  }

  @Override
  public long lseek(int fd, long offset, int whence) {
    int injected = injected("lseek");
    return injected != 0 ? injected : real.lseek(fd, offset, whence);
  }

  @Override
  public int membarrier(int command) {
    int injected = injected("membarrier 0x%x".formatted(command));
    return injected != 0 ? injected : real.membarrier(command);
  }
}
