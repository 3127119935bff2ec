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
 * A file whose bytes are persistent memory itself ({@code mount -o dax}), or an ordinary file whose
 * pages the file system caches.
 *
 * <p>A DAX file is mapped with {@code MAP_SYNC}, so that its bytes are on the media as soon as the
 * processor's caches are written back. To the JDK the segment is not a mapped one, so it has no
 * {@code force()}: that of JDK 25 jumps to address zero under {@code -Xint} and {@code
 * -XX:TieredStopAtLevel=1}. {@code Mapping.persist} does its work in any JVM.
 *
 * <pre>{@code
 * Resource log = machine.attach("pmem-log", DaxFile.open(Path.of("/mnt/pmem/log")));
 * }</pre>
 *
 * <p>An interrupt neither fails a mapping nor is lost: no class of {@code java.nio.channels} has a
 * part in it, since their files close themselves when a thread is interrupted while using one.
 *
 * <p>Thread safety: all methods may be called from any thread; the descriptor closes once. {@code
 * populate} is volatile: mappings that are made after it was set allocate.
 */
public final class DaxFile implements MemorySource {
  private static final Set<String> FORGETFUL = Set.of("tmpfs", "ramfs", "hugetlbfs");

  private final Path path;
  private final Posix.Descriptor file;
  private final long size;
  private final long pageBytes;
  private final boolean sync;
  private final RealBacking backing;
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
   * A file of a file system that is mounted with DAX.
   *
   * @throws MemremapException {@code EOPNOTSUPP} if its file system does not map it directly;
   *     {@code ENOENT}, {@code EACCES}, {@code EINVAL} if it cannot be opened or is empty
   */
  public static DaxFile open(Path path) {
    return open(path, true, new Posix(Native.calls()), Libpmem.installed().orElse(null));
  }

  /**
   * Any file. Where its file system maps it directly it is as {@link #open}; else its pages are
   * cached, and persisting waits for the file system.
   *
   * @throws MemremapException {@code ENOENT}, {@code EACCES} or {@code EINVAL}
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
          case ENOENT -> "there is no such file";
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

  /** Whether it is mapped directly, past the page cache. */
  public boolean isDirect() {
    return sync;
  }

  /**
   * Has the file system allocate what is mapped when it is mapped, as {@code posix_fallocate} does.
   * Where it has no room, the mapping is {@code ENOSPC}; an access to what was mapped meets missing
   * memory only if the file is cut short or its media fail (LIB-8). On a file system that shares
   * blocks among files (reflinks, snapshots), the first store to a shared block still takes room
   * for a copy of it. What the file holds stays.
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

  /** Allocates what is to be mapped if that was asked for; else warns where there is no room. */
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
