// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The C library, in which regular files stand for devices: opening a device opens its file, and
 * mapping it follows the rules of the kernel's driver for it, with real memory in the end.
 *
 * <p>Thread safety: its maps are concurrent ones; the functions are those of the C library.
 */
final class DeviceFiles implements Syscalls {
  /** What a driver maps. */
  interface Driver {
    /**
     * The part of a file that a mapping leads to.
     *
     * @throws ErrnoException if the driver refuses the mapping
     */
    Part part(long offset, long length) throws ErrnoException;
  }

  /** Where a mapping begins. */
  record Part(Path file, long offset) {}

  private static final int HUGE_SHIFT_MASK = 0x3f;

  private final Syscalls real = Native.calls();
  private final Map<String, Driver> drivers = new ConcurrentHashMap<>();
  private final Map<Integer, Driver> open = new ConcurrentHashMap<>();
  private final Map<String, Integer> flags = new ConcurrentHashMap<>();

  /** Puts a driver behind a path. */
  DeviceFiles driver(Path path, Driver driver) {
    drivers.put(path.toString(), driver);
    return this;
  }

  /** The flags with which a path was opened last. */
  int flagsOf(Path path) {
    return flags.get(path.toString());
  }

  private static ErrnoException refused(Errno errno) {
    return new ErrnoException("mmap", "a device", errno.number());
  }

  /** {@code pci_mmap_resource_range}: offset 0 is the page that holds the BAR's first byte. */
  static Driver bar(Path file, PhysRange bar) {
    long pages = ((bar.sizeBytes() - 1) >>> 12) + 1;
    return (offset, length) -> {
      if ((offset >>> 12) + ((length + Posix.PAGE - 1) >>> 12) > pages) {
        throw refused(Errno.EINVAL);
      }
      return new Part(file, offset);
    };
  }

  /** {@code uio_mmap}: the page of the offset is a map's number; maps begin at whole pages. */
  static Driver uio(List<Path> files, List<PhysRange> maps) {
    return (offset, length) -> {
      long index = offset >>> 12;
      if (index >= maps.size() || length > maps.get((int) index).sizeBytes()) {
        throw refused(Errno.EINVAL);
      }
      if (maps.get((int) index).start() % Posix.PAGE != 0) {
        throw refused(Errno.ENODEV);
      }
      return new Part(files.get((int) index), 0);
    };
  }

  /** Device DAX and hugetlbfs: whole blocks, none beyond the end. */
  static Driver blocks(Path file, long block, long size) {
    return (offset, length) -> {
      if (offset % block != 0 || length % block != 0 || offset + length > size) {
        throw refused(Errno.EINVAL);
      }
      return new Part(file, offset);
    };
  }

  @Override
  public int open(String path, int flags) {
    int fd = real.open(path, flags);
    this.flags.put(path, flags);
    Driver driver = drivers.get(path);
    if (fd >= 0 && driver != null) {
      open.put(fd, driver);
    }
    return fd;
  }

  @Override
  public int close(int fd) {
    open.remove(fd);
    return real.close(fd);
  }

  @Override
  public long mmap(long length, int prot, int flags, int fd, long offset) {
    Driver driver = open.get(fd);
    if (driver == null) {
      return real.mmap(length, prot, flags, fd, offset);
    }
    try {
      Part part = driver.part(offset, length);
      int file = real.open(part.file.toString(), Posix.O_RDWR | Posix.O_CLOEXEC);
      try {
        return real.mmap(length, prot, flags, file, part.offset);
      } finally {
        real.close(file);
      }
    } catch (ErrnoException e) {
      return -e.errno().number();
    }
  }

  /** Huge pages are ordinary ones here, mapped by whole huge pages all the same. */
  @Override
  public int memfdCreate(String name, int flags) {
    if ((flags & Posix.MFD_HUGETLB) == 0) {
      return real.memfdCreate(name, flags);
    }
    int shift = flags >>> Posix.MFD_HUGE_SHIFT & HUGE_SHIFT_MASK;
    int fd = real.memfdCreate(name, Posix.MFD_CLOEXEC);
    open.put(fd, blocks(Path.of("/proc/self/fd/" + fd), 1L << shift, Long.MAX_VALUE));
    return fd;
  }

  @Override
  public int munmap(long address, long length) {
    return real.munmap(address, length);
  }

  @Override
  public int msync(long address, long length, int flags) {
    return real.msync(address, length, flags);
  }

  @Override
  public int ftruncate(int fd, long length) {
    return real.ftruncate(fd, length);
  }

  @Override
  public int fallocate(int fd, int mode, long offset, long length) {
    return real.fallocate(fd, mode, offset, length);
  }

  @Override
  public long lseek(int fd, long offset, int whence) {
    return real.lseek(fd, offset, whence);
  }

  @Override
  public int membarrier(int command) {
    return real.membarrier(command);
  }
}
