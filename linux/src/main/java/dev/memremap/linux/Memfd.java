// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import java.lang.foreign.Arena;

/**
 * Anonymous memory in ordinary or huge pages, without privileges, to {@linkplain
 * dev.memremap.Machine#attach attach} to a machine: {@code memfd_create}.
 *
 * <pre>{@code
 * Resource pool = machine.attach("pool", Memfd.of("pool", 64 << 20));
 * }</pre>
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class Memfd implements MemorySource {
  private final Posix.Descriptor file;
  private final String name;
  private final long size;
  private final long pageBytes;
  private final boolean huge;
  private volatile boolean populate; // mappings that are made after it was set allocate

  private Memfd(Posix.Descriptor file, String name, long size, long pageBytes, boolean huge) {
    this.file = file;
    this.name = name;
    this.size = size;
    this.pageBytes = pageBytes;
    this.huge = huge;
  }

  /**
   * Makes memory in ordinary pages; the system allocates each when it is first touched.
   *
   * @param name shown in {@code /proc/PID/maps}
   * @param sizeBytes at least 1
   * @throws MemremapException {@code ENOMEM}, {@code EMFILE} or {@code ENFILE} if the system's
   *     memory or descriptors run out
   */
  public static Memfd of(String name, long sizeBytes) {
    Posix posix = new Posix(Native.calls());
    return open(posix, name, sizeBytes, posix.pageBytes());
  }

  /**
   * Makes memory in huge pages, which the system must have reserved: {@code sysctl -w
   * vm.nr_hugepages=N}.
   *
   * @param name shown in {@code /proc/PID/maps}
   * @param sizeBytes a multiple of the page size
   * @param pageBytes the size of a page in bytes, such as that of 2 MiB or 1 GiB
   * @throws MemremapException {@code ENODEV} if the system has no pages of that size; too few of
   *     them is {@code ENOMEM} when it is mapped
   */
  public static Memfd huge(String name, long sizeBytes, long pageBytes) {
    return open(new Posix(Native.calls()), name, sizeBytes, pageBytes);
  }

  static Memfd open(Posix posix, String name, long size, long pageBytes) {
    if (Long.bitCount(pageBytes) != 1 || pageBytes < posix.pageBytes()) {
      throw new IllegalArgumentException(
          "a page of %d bytes does not exist; huge pages have 2 MiB or 1 GiB".formatted(pageBytes));
    }
    boolean huge = pageBytes != posix.pageBytes();
    if (size < 1 || (huge && size % pageBytes != 0)) {
      throw new IllegalArgumentException(
          "%d bytes: give at least 1, and for huge pages a multiple of %d"
              .formatted(size, pageBytes));
    }
    int flags =
        huge
            ? Posix.MFD_HUGETLB | (Long.numberOfTrailingZeros(pageBytes) << Posix.MFD_HUGE_SHIFT)
            : 0;
    Posix.Descriptor file = null;
    try {
      file = posix.memfd(name, flags);
      file.truncate(size);
      return new Memfd(file, name, size, pageBytes, huge);
    } catch (ErrnoException e) {
      if (file != null) {
        file.close();
      }
      throw refused(e, name, size, huge ? pageBytes : 0);
    }
  }

  /** Why it cannot be made; the size of ordinary pages is given as 0. */
  private static MemremapException refused(
      ErrnoException e, String name, long size, long pageBytes) {
    boolean noSuchPages = pageBytes != 0 && e.errno() == Errno.ENODEV;
    String what =
        noSuchPages
            ? "this system has no pages of %d bytes; /sys/kernel/mm/hugepages lists its sizes"
                .formatted(pageBytes)
            : "%d bytes of memory cannot be had (%s)".formatted(size, e.sentence());
    return SourceRefusal.of(e, "memfd " + name, what);
  }

  /**
   * Allocates memory at each later mapping, as {@code fallocate} does. If the system's memory runs
   * out, mapping fails. An access to mapped memory then fails only if another process that has the
   * memfd cuts it short ({@link Rule#LIB_8 LIB-8}).
   *
   * @return this memory
   */
  public Memfd populate() {
    populate = true;
    return this;
  }

  @Override
  public String name() {
    return file.path();
  }

  @Override
  public long sizeBytes() {
    return size;
  }

  @Override
  public MappedBytes map(long offset, long length, Arena arena) {
    if (populate) {
      allocate(offset, length);
    }
    try {
      return new MappedBytes(
          new Span(offset, length, pageBytes).in(file, arena),
          CacheMode.WB,
          RealBacking.ofVolatile(
              name(),
              "it is ordinary memory; attach a DaxFile for memory that lasts",
              "the system ran out of it, or somebody cut the memfd short"));
    } catch (ErrnoException e) {
      String pages =
          !huge || e.errno() != Errno.ENOMEM ? "" : "; " + SourceRefusal.morePages(pageBytes);
      throw SourceRefusal.of(e, "memfd " + name, e.sentence() + pages);
    }
  }

  private void allocate(long offset, long length) {
    try {
      file.allocate(offset, length);
    } catch (ErrnoException e) {
      String room =
          !huge ? "the system has no more memory to give" : SourceRefusal.morePages(pageBytes);
      throw SourceRefusal.notAllocated(e, "memfd " + name, offset, length, room);
    }
  }

  @Override
  public void close() {
    file.close();
  }

  @Override
  public String toString() {
    return "%s of %d bytes".formatted(name(), size);
  }
}
