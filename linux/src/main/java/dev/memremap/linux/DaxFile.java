// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Memory of a file, to {@linkplain dev.memremap.Machine#attach attach} to a machine: a DAX file,
 * whose bytes are persistent memory itself ({@code mount -o dax}), or an ordinary file, whose pages
 * the file system caches.
 *
 * <p>A DAX file is mapped with {@code MAP_SYNC}: stored bytes are on the media once the processor's
 * caches are written back. Call {@code Mapping.persist} for that; the segment's own {@code force()}
 * does not work, since it is not a mapped segment of the JDK.
 *
 * <pre>{@code
 * Resource log = machine.attach("pmem-log", DaxFile.open(Path.of("/mnt/pmem/log")));
 * }</pre>
 *
 * <p>Interrupting a thread while it maps does no harm: the mapping succeeds, and the thread stays
 * interrupted.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class DaxFile implements MemorySource {
  private static final Set<String> FORGETFUL = Set.of("tmpfs", "ramfs", "hugetlbfs");

  private final Path path;
  private final Posix.Descriptor file;
  private final long size;
  private final long pageBytes;
  private final boolean sync;
  private final RealBacking backing;
  // Volatile: mappings that are made after it was set allocate.
  //
  // No class of java.nio.channels has a part in mapping, since their files close themselves when a
  // thread is interrupted while using one. So the segment is not a mapped one to the JDK, and its
  // force() jumps to address zero in JDK 25 under -Xint and -XX:TieredStopAtLevel=1.
  private volatile boolean populate;

  private DaxFile(
      Path path,
      Posix.Descriptor file,
      long size,
      long pageBytes,
      boolean sync,
      RealBacking backing) {
    this.path = path;
    this.file = file;
    this.size = size;
    this.pageBytes = pageBytes;
    this.sync = sync;
    this.backing = backing;
  }

  /**
   * Opens a file of a file system that is mounted with DAX.
   *
   * @throws MemremapException {@code EOPNOTSUPP} if its file system does not map it directly;
   *     {@code ENOENT}, {@code EACCES}, {@code EINVAL} if it cannot be opened or is empty
   */
  public static DaxFile open(Path path) {
    return open(path, true, new Posix(Native.calls()), Libpmem.installed().orElse(null));
  }

  /**
   * Opens any file. If its file system maps it directly, this is {@link #open}; else its pages are
   * cached, and persisting waits for the file system.
   *
   * @throws MemremapException {@code ENOENT}, {@code EACCES} or {@code EINVAL} if it cannot be
   *     opened or is empty
   */
  public static DaxFile orCached(Path path) {
    return open(path, false, new Posix(Native.calls()), Libpmem.installed().orElse(null));
  }

  static DaxFile open(Path path, boolean onlyDax, Posix posix, @Nullable Flusher libpmem) {
    Posix.Descriptor file = null;
    try {
      file = posix.openToWrite(path.toString());
      long size = file.sizeBytes();
      if (size == 0) {
        throw refusal(
            Errno.EINVAL, path, "it is empty; give it a size first, with truncate -s", null);
      }
      boolean sync = mapsDirectly(file);
      if (onlyDax && !sync) {
        throw refusal(
            Errno.EOPNOTSUPP,
            path,
            "its file system does not map it directly; mount it with -o dax on persistent memory,"
                + " or open it with orCached",
            null);
      }
      RealBacking backing = backing(path, sync, posix, libpmem);
      return new DaxFile(path, file, size, posix.pageBytes(), sync, backing);
    } catch (ErrnoException e) {
      close(file);
      throw SourceRefusal.of(e, path.toString(), reasonOf(e));
    } catch (IOException e) {
      close(file);
      throw refusal(Errno.EIO, path, String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      close(file);
      throw e;
    }
  }

  private static void close(Posix.@Nullable Descriptor file) {
    if (file != null) {
      file.close();
    }
  }

  private static String reasonOf(ErrnoException e) {
    String what =
        switch (e.errno()) {
          case ENOENT -> "no such file";
          case EACCES -> "permission to read and write it is missing";
          default -> "it cannot be opened";
        };
    return what + " (" + e.sentence() + ")";
  }

  /** Only a mapping tells whether the file system takes MAP_SYNC. */
  private static boolean mapsDirectly(Posix.Descriptor file) throws ErrnoException {
    try (Arena arena = Arena.ofConfined()) {
      return file.mapSync(0, 1, arena).byteSize() == 1;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    }
  }

  private static RealBacking backing(
      Path path, boolean sync, Posix posix, @Nullable Flusher libpmem) throws IOException {
    String lost = "the file was cut short, its file system is full, or its media failed";
    String kind = Files.getFileStore(path).type();
    if (FORGETFUL.contains(kind)) {
      return RealBacking.ofVolatile(
          path.toString(), "it lies in a " + kind + ", which is ordinary memory", lost);
    }
    Flusher flusher = sync && libpmem != null ? libpmem : new Msync(posix, path.toString());
    return RealBacking.ofPersistent(path.toString(), flusher, lost);
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public long sizeBytes() {
    return size;
  }

  /** Returns whether it is mapped directly, past the page cache. */
  @Override
  public boolean isDirect() {
    return sync;
  }

  /**
   * Allocates the mapped part of the file at each later mapping, as {@code posix_fallocate} does;
   * its contents stay. If the file system is full, mapping fails with {@code ENOSPC}. An access to
   * mapped memory then fails only if the file is cut short or its media fail ({@link Rule#LIB_8
   * LIB-8}). If the file shares blocks with others (reflinks, snapshots), the first store to a
   * shared block still needs room for a copy.
   *
   * @return this file
   */
  public DaxFile populate() {
    populate = true;
    return this;
  }

  @Override
  public MappedBytes map(long offset, long length, Arena arena) {
    try {
      // a mapping beyond the end would have bytes that no access reaches
      long now = file.sizeBytes();
      if (now < offset + length) {
        throw refusal(
            Errno.EIO,
            path,
            "it had %d bytes when it was opened and has %d now; nothing is mapped beyond its end"
                .formatted(size, now),
            null);
      }
      takeRoom(offset, length);
      Span span = new Span(offset, length, pageBytes);
      MemorySegment mapped = sync ? span.syncIn(file, arena) : span.in(file, arena);
      return new MappedBytes(mapped, CacheMode.WB, backing);
    } catch (ErrnoException e) {
      throw SourceRefusal.of(e, name(), e.sentence());
    }
  }

  /** Allocates what is to be mapped if that was asked for; else warns if little room is left. */
  private void takeRoom(long offset, long length) throws ErrnoException {
    if (!populate) {
      FileRoom.look(path, file);
      return;
    }
    try {
      file.allocate(offset, length);
    } catch (ErrnoException e) {
      throw SourceRefusal.notAllocated(
          e, name(), offset, length, "make room in its file system, or map less of it");
    }
  }

  private static MemremapException refusal(
      Errno errno, Path path, String what, @Nullable Throwable cause) {
    return new MemremapException(new Refusal(errno, Rule.LIB_6, path + ": " + what), cause);
  }

  @Override
  public void close() {
    file.close();
  }

  @Override
  public String toString() {
    return "%s of %d bytes%s".formatted(path, size, sync ? ", DAX" : "");
  }
}
