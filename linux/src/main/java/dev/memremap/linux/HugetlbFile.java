// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.IoReason;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory in huge pages that several processes can share, to {@linkplain dev.memremap.Machine#attach
 * attach} to a machine: a file of a {@code hugetlbfs}.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class HugetlbFile implements MemorySource {
  private final Posix.Descriptor file;
  private final long size;
  private final long pageBytes;
  private volatile boolean populate; // mappings that are made after it was set allocate

  private HugetlbFile(Posix.Descriptor file, long size, long pageBytes) {
    this.file = file;
    this.size = size;
    this.pageBytes = pageBytes;
  }

  /**
   * Opens an existing file, with the size it has.
   *
   * @throws MemremapException {@code ENOENT} or {@code EACCES} if it cannot be opened; {@code
   *     EINVAL} if it does not lie in a hugetlbfs, or is empty
   */
  public static HugetlbFile open(Path path) {
    try {
      if (!Files.getFileStore(path).type().equals("hugetlbfs")) {
        throw new MemremapException(
            Errno.EINVAL,
            Rule.LIB_6,
            path
                + ": it lies in no hugetlbfs; 'mount -t hugetlbfs none DIR' makes one, and"
                + " DaxFile.orCached opens other files");
      }
      return open(new Posix(Native.calls()), path, Files.getFileStore(path).getBlockSize());
    } catch (IOException e) {
      throw new MemremapException(
          new Refusal(
              Files.exists(path) ? Errno.EACCES : Errno.ENOENT,
              Rule.LIB_6,
              path + ": it cannot be looked at (" + IoReason.of(e) + ")"),
          e);
    }
  }

  /**
   * Opens a file.
   *
   * @param pageBytes the size of its pages, which is its file system's block size
   */
  static HugetlbFile open(Posix posix, Path path, long pageBytes) {
    Posix.Descriptor file = null;
    try {
      file = posix.open(path.toString(), 0);
      long size = file.sizeBytes();
      if (size == 0) {
        file.close();
        throw new MemremapException(
            Errno.EINVAL,
            Rule.LIB_6,
            path + ": it is empty; give it a size first, with truncate -s");
      }
      return new HugetlbFile(file, size, pageBytes);
    } catch (ErrnoException e) {
      if (file != null) {
        file.close();
      }
      throw SourceRefusal.of(e, path.toString(), "it cannot be opened (" + e.sentence() + ")");
    }
  }

  /**
   * Allocates huge pages at each later mapping. Otherwise mapping only reserves them, and the limit
   * of a control group can still deny them at the first access ({@link Rule#LIB_8 LIB-8}).
   *
   * @return this file
   */
  public HugetlbFile populate() {
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
              "huge pages are ordinary memory",
              "the system has no huge page left for it, or the file was cut short"));
    } catch (ErrnoException e) {
      String pages = e.errno() == Errno.ENOMEM ? "; " + SourceRefusal.morePages(pageBytes) : "";
      throw SourceRefusal.of(e, name(), e.sentence() + pages);
    }
  }

  private void allocate(long offset, long length) {
    try {
      file.allocate(offset, length);
    } catch (ErrnoException e) {
      throw SourceRefusal.notAllocated(
          e, name(), offset, length, SourceRefusal.morePages(pageBytes));
    }
  }

  @Override
  public void close() {
    file.close();
  }

  @Override
  public String toString() {
    return "%s of %d bytes in pages of %d".formatted(name(), size, pageBytes);
  }
}
