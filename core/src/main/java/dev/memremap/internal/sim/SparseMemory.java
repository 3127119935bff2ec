// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MappingLimit;
import dev.memremap.spi.PhysicalMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Simulated memory: bytes in a sparse file that is mapped for every range asked.
 *
 * <p>A byte's offset in the file is its physical address. So two mappings that share addresses
 * share bytes, every mapping is contiguous, whatever was mapped before, and nothing has to be
 * remembered about any of them. A file cannot always be as long as the address space, though, so
 * addresses are divided into <em>areas</em>, as long as the file system lets one file be, and each
 * area has a file of its own, made when the area is first mapped:
 *
 * <pre>
 *   tmpfs, XFS    2^52 bytes and more: one area holds all that x86-64 can address
 *   ext4          2^43 bytes (16 TiB less one block is its limit): an area every 8 TiB
 * </pre>
 *
 * <p>A mapping cannot cross from one area into the next ({@code EFBIG}, LIB-2); on a tmpfs no range
 * does. Memory that was never written reads as zero and takes no room: a machine of many terabytes
 * is free until it is touched. On a tmpfs a page takes room once it is read, too.
 *
 * <p>The files lie in the directory that the system property {@code dev.memremap.dir} names, else
 * in {@code /dev/shm} if 1 GiB is free there, else in {@code java.io.tmpdir}. They have no name
 * there, so that nothing stays behind whatever ends the process (on Windows they have one until
 * they are closed), and only their owner could open them.
 *
 * <p>The cache mode changes nothing here: it decides conflicts and answers, never when bytes become
 * visible (C-16).
 *
 * <p>Thread safety: safe for use by many threads.
 */
public final class SparseMemory implements PhysicalMemory {
  /** All that x86-64 can address, in bytes: no file need be longer. */
  private static final long LONGEST_FILE = 1L << 52;

  /** File systems whose files are shorter than this hold no machine worth simulating. */
  private static final long SHORTEST_FILE = 1L << 30;

  private static final long NANOS_BETWEEN_LOOKS = 100_000_000;

  private final Path directory;
  private final long areaBytes;
  private final MappingLimit limit;
  private final boolean populate;
  private final SimulatedBacking backing;
  private final Map<Long, SparseFile> files = new HashMap<>();
  private boolean closed;
  private volatile long nextLook = System.nanoTime();

  private SparseMemory(
      Path directory, SparseFile first, boolean populate, SimulatedBacking backing) {
    this.directory = directory;
    this.populate = populate;
    this.backing = backing;
    this.areaBytes = first.sizeBytes();
    this.limit = MappingLimit.ofThisSystem();
    files.put(0L, first);
  }

  /**
   * Opens memory in the directory of this system, as the class describes.
   *
   * @throws MemremapException {@code ENOENT}, {@code EACCES}, {@code ENOSPC}, {@code EINVAL} or
   *     {@code EIO} if no file can be made there; the sentence names the property that chooses
   *     another directory
   */
  public static SparseMemory open() {
    return open(MemoryDirectory.ofThisSystem());
  }

  /** Opens memory in the directory of this system, which is allocated when it is mapped. */
  public static SparseMemory openPopulated() {
    return openPopulated(MemoryDirectory.ofThisSystem());
  }

  static SparseMemory openPopulated(Path directory) {
    return open(directory, LONGEST_FILE, SHORTEST_FILE, true);
  }

  /**
   * Opens memory in a directory.
   *
   * @throws MemremapException as {@link #open()}
   */
  public static SparseMemory open(Path directory) {
    return open(directory, LONGEST_FILE, SHORTEST_FILE, false);
  }

  /**
   * Opens memory whose files are as long as told, where a test wants areas that it can cross.
   *
   * @param fileSpan bytes of an area: a power of two, at least 4096
   */
  static SparseMemory open(Path directory, long fileSpan) {
    return open(directory, fileSpan, fileSpan, false);
  }

  private static SparseMemory open(Path directory, long longest, long shortest, boolean populate) {
    if (Long.bitCount(longest) != 1 || longest < 4096) {
      throw new IllegalArgumentException(
          "a file's span is a power of two of at least 4096 bytes, not " + longest);
    }
    MemoryDirectory.requireDirectory(directory);
    try {
      // a disk may fail to give back what it holds, and some file systems write each page anew
      SimulatedBacking backing =
          populate && Files.getFileStore(directory).type().equals("tmpfs")
              ? SimulatedBacking.ALLOCATED
              : SimulatedBacking.INSTANCE;
      return new SparseMemory(
          directory, SparseFile.create(directory, longest, shortest), populate, backing);
    } catch (IOException e) {
      throw MemoryDirectory.cannotCreate(directory, e);
    }
  }

  @Override
  public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
    Refusal crossing = crossing(range);
    return crossing == null ? AccessPath.only(asked, effective) : new AccessPath.Blocked(crossing);
  }

  @Override
  public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
    return new MappedBytes(map(range, arena), path.mode(), backing);
  }

  /**
   * Maps a range, whatever its cache mode. The range's first byte is the segment's: nothing is
   * rounded. Bytes never written are zero.
   *
   * @throws MemremapException {@code EFBIG} if the range crosses from one file into the next,
   *     {@code ENOMEM} if the process has no address space or no mapping left, {@code ENOSPC} if
   *     the directory has no room for another file, {@code ENOENT} or {@code EACCES} if it is gone
   *     or no longer writable when another is needed, {@code EIO} for any other failure of the file
   *     system; nothing is mapped then
   * @throws IllegalStateException if this memory or the arena was closed
   */
  public MemorySegment map(PhysRange range, Arena arena) {
    Refusal crossing = crossing(range);
    if (crossing != null) {
      throw new MemremapException(crossing);
    }
    long area = area(range.start());
    long offset = range.start() & (areaBytes - 1);
    long bytes = range.sizeBytes();
    SparseFile file = fileOf(area);
    lookForRoom();
    try {
      return file.map(PhysRange.of(offset, bytes), arena, populate);
    } catch (IOException e) {
      requireOpen();
      throw MemoryDirectory.cannotMap(range, directory, limit.source(), e);
    }
  }

  /** Looks now and then: mapping thousands of ranges in a row shall not ask for each. */
  private void lookForRoom() {
    long now = System.nanoTime();
    if (now - nextLook >= 0) {
      nextLook = now + NANOS_BETWEEN_LOOKS;
      Room.look(directory);
    }
  }

  /** The number of the area that holds an address. */
  private long area(long address) {
    return address >>> Long.numberOfTrailingZeros(areaBytes);
  }

  /** LIB-2: why a range cannot be mapped that is in two files; null if this one is not. */
  private @Nullable Refusal crossing(PhysRange range) {
    long area = area(range.start());
    if (area == area(range.endInclusive())) {
      return null;
    }
    return new Refusal(
        Errno.EFBIG,
        Rule.LIB_2,
        "range 0x%x-0x%x crosses 0x%x: a file in %s holds %s of simulated memory, no more; %s"
            .formatted(
                range.start(),
                range.endInclusive(),
                (area + 1) * areaBytes,
                directory,
                MemoryDirectory.binary(areaBytes),
                MemoryDirectory.ADVICE));
  }

  private synchronized SparseFile fileOf(long area) {
    requireOpen();
    SparseFile file = files.get(area);
    if (file == null) {
      try {
        file = SparseFile.create(directory, areaBytes, areaBytes);
      } catch (IOException e) {
        throw MemoryDirectory.cannotCreate(directory, e);
      }
      files.put(area, file);
    }
    return file;
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this simulated memory is closed");
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Half of Linux's {@code vm.max_map_count}, as it was when this memory was opened.
   */
  @Override
  public OptionalLong mappingLimit() {
    return limit.mappings();
  }

  @Override
  public String mappingLimitSource() {
    return limit.source();
  }

  /** How many bytes one file holds: no mapping crosses a multiple of it. */
  long areaBytes() {
    return areaBytes;
  }

  /** The directory that the files lie in. */
  public Path directory() {
    return directory;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The bytes themselves go with the last mapping. May be called again.
   */
  @Override
  public synchronized void close() {
    closed = true;
    IOException failure = null;
    for (SparseFile file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    files.clear();
    if (failure != null) {
      throw new UncheckedIOException("a file of simulated memory cannot be closed", failure);
    }
  }
}
