// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.quota.JvmMappings;
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
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
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

  /** The directory of this system, as the class describes. */
  public static Path directoryOfThisSystem() {
    return MemoryDirectory.ofThisSystem();
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

  /**
   * A nameless file that is as long as it shall ever be and takes no room until it is written.
   *
   * <p>The file has two channels. A {@link FileChannel} closes itself when a thread is interrupted
   * while using it, and with the last channel of an unlinked file its bytes would go: one
   * interrupted thread would take the memory away from all others. So the anchor, which keeps the
   * file, is never used for anything that an interrupt can reach, and the mapper is opened anew
   * when it was closed.
   *
   * <p>What cannot be mended from here: an interrupt that arrives inside the mapping call itself
   * makes the JDK (25) forget the mapping it has just made, and those pages of address space stay
   * mapped until the process ends. The caller gets another one, and the lost one is counted among
   * the mappings of the JVM (LIB-1).
   *
   * <p>Thread safety: safe for use by many threads.
   */
  private static final class SparseFile implements AutoCloseable {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final FileAttribute<?>[] OWNER_ONLY = {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };

    private final long sizeBytes;
    private final FileChannel anchor;

    /** A name that opens the file as long as the anchor is open; null where there is none. */
    private final @Nullable Path anchorName;

    private final AllocatedPages allocated;
    private FileChannel mapper;
    private boolean closed;

    private SparseFile(
        Path directory,
        long sizeBytes,
        FileChannel anchor,
        @Nullable Path anchorName,
        FileChannel mapper) {
      this.allocated = new AllocatedPages(directory);
      this.sizeBytes = sizeBytes;
      this.anchor = anchor;
      this.anchorName = anchorName;
      this.mapper = mapper;
    }

    /**
     * Makes the file in a directory, readable and writable by its owner alone, and takes its name
     * away (on Windows, which cannot, at {@link #close()}).
     *
     * @param longest the length to try first, in bytes, a power of two
     * @param shortest the length to be content with where the file system allows no longer file
     */
    static SparseFile create(Path directory, long longest, long shortest) throws IOException {
      // that no file has the name yet is seen when it is made; random numbers that no one could
      // guess would cost a start ten milliseconds
      long random = ThreadLocalRandom.current().nextLong();
      Path path = directory.resolve("memremap-" + HexFormat.of().toHexDigits(random));
      boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
      Files.newByteChannel(
              path,
              Set.of(
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.SPARSE),
              posix ? OWNER_ONLY : new FileAttribute<?>[0])
          .close();
      FileChannel anchor = null;
      try {
        long sizeBytes = extend(path, longest, shortest);
        anchor = posix ? open(path) : open(path, StandardOpenOption.DELETE_ON_CLOSE);
        Path anchorName = posix ? nameOfOpenFile(path) : path;
        SparseFile file = new SparseFile(directory, sizeBytes, anchor, anchorName, open(path));
        if (posix) {
          Files.delete(path);
        }
        return file;
      } catch (IOException | RuntimeException e) {
        if (anchor != null) {
          anchor.close();
        }
        Files.deleteIfExists(path);
        throw e;
      }
    }

    private static long extend(Path path, long longest, long shortest) throws IOException {
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
        for (long length = longest; ; length >>>= 1) {
          try {
            file.setLength(length);
            return length;
          } catch (IOException e) {
            if (length <= shortest) {
              throw e;
            }
          }
        }
      }
    }

    private static FileChannel open(Path path, OpenOption... more) throws IOException {
      Set<OpenOption> options = new HashSet<>(Set.of(more));
      options.add(StandardOpenOption.READ);
      options.add(StandardOpenOption.WRITE);
      return FileChannel.open(path, options);
    }

    /** The file's length in bytes: offsets below it can be mapped. */
    long sizeBytes() {
      return sizeBytes;
    }

    /**
     * Maps bytes of the file. An interrupt neither fails this nor is lost.
     *
     * @param part the offsets of the bytes, below {@link #sizeBytes()}
     * @param populate whether they are allocated first
     * @throws ClosedChannelException if this file was closed
     */
    MemorySegment map(PhysRange part, Arena arena, boolean populate) throws IOException {
      boolean interrupted = Thread.interrupted();
      try {
        while (true) {
          FileChannel channel = mapper();
          boolean mapping = false;
          try {
            if (populate) {
              allocated.allocate(channel, part);
            }
            mapping = true;
            return channel.map(MapMode.READ_WRITE, part.start(), part.sizeBytes(), arena);
          } catch (ClosedByInterruptException e) {
            if (mapping) {
              // what was mapped before the interrupt was seen stays mapped
              JvmMappings.ofThisJvm().lost();
            }
            interrupted |= Thread.interrupted();
          } catch (ClosedChannelException e) {
            // Another thread was interrupted while using the same channel.
            interrupted |= Thread.interrupted();
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    private synchronized FileChannel mapper() throws IOException {
      if (closed) {
        throw new ClosedChannelException();
      }
      if (!mapper.isOpen()) {
        if (anchorName != null) {
          mapper = open(anchorName);
        } else if (anchor.isOpen()) {
          // without /proc/self/fd the anchor is the only way to the file, and it works once
          mapper = anchor;
        } else {
          throw new IOException(
              "interrupts closed the file, and this system has no /proc/self/fd to open it again");
        }
      }
      return mapper;
    }

    /** The descriptor of a file that is open once, which names it after it is unlinked, too. */
    private static @Nullable Path nameOfOpenFile(Path path) throws IOException {
      if (!Files.isDirectory(OPEN_FILES)) {
        return null;
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(OPEN_FILES)) {
        for (Path file : files) {
          if (target(file).endsWith(path.getFileName().toString())) {
            return file;
          }
        }
      }
      return null;
    }

    private static String target(Path link) {
      try {
        return Files.readSymbolicLink(link).toString();
      } catch (IOException e) {
        return ""; // closed since it was listed
      }
    }

    /** Gives the file back, once the last mapping of it is gone too. May be called again. */
    @Override
    public synchronized void close() throws IOException {
      closed = true;
      try (anchor) {
        mapper.close();
      }
    }
  }
}
