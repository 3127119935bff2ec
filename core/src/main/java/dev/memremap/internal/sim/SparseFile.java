// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.internal.quota.JvmMappings;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A nameless file that is as long as it shall ever be and takes no room until it is written.
 *
 * <p>The file has two channels. A {@link FileChannel} closes itself when a thread is interrupted
 * while using it, and with the last channel of an unlinked file its bytes would go: one interrupted
 * thread would take the memory away from all others. So the anchor, which keeps the file, is never
 * used for anything that an interrupt can reach, and the mapper is opened anew when it was closed.
 *
 * <p>What cannot be mended from here: an interrupt that arrives inside the mapping call itself
 * makes the JDK (25) forget the mapping it has just made, and those pages of address space stay
 * mapped until the process ends. The caller gets another one, and the lost one is counted among the
 * mappings of the JVM (LIB-1).
 *
 * <p>Thread safety: safe for use by many threads.
 */
final class SparseFile implements AutoCloseable {
  private static final long PAGE = 4096;
  private static final long ZEROS = 1L << 20;
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");
  private static final FileAttribute<?>[] OWNER_ONLY = {
    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
  };

  private final long sizeBytes;
  private final FileChannel anchor;

  /** A name that opens the file as long as the anchor is open; null where there is none. */
  private final @Nullable Path anchorName;

  private final Path directory;
  private final AllocatedPages allocated = new AllocatedPages();
  private FileChannel mapper;
  private boolean closed;

  private SparseFile(
      Path directory,
      long sizeBytes,
      FileChannel anchor,
      @Nullable Path anchorName,
      FileChannel mapper) {
    this.directory = directory;
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
    Path path = directory.resolve("memremap-" + UUID.randomUUID());
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    Files.newByteChannel(
            path,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE),
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
            allocate(channel, part.roundOutTo(PAGE));
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

  /**
   * Writes zeros where nothing was allocated. Where every mapping is allocated before it is handed
   * out, nobody can have stored anything there.
   */
  private synchronized void allocate(FileChannel channel, PhysRange pages) throws IOException {
    List<PhysRange> missing = allocated.missing(pages);
    long bytes = missing.stream().mapToLong(PhysRange::sizeBytes).sum();
    long left = Room.left(directory);
    if (left != 0 && bytes > left) {
      throw new IOException(
          "No space left on device: %d bytes are to be allocated, and %d are left"
              .formatted(bytes, left));
    }
    for (PhysRange run : missing) {
      for (long at = run.start(); at <= run.endInclusive(); at += ZEROS) {
        long size = Math.min(ZEROS, run.endInclusive() - at + 1);
        ByteBuffer zeros = ByteBuffer.allocate((int) size);
        while (zeros.hasRemaining()) {
          channel.write(zeros, at + zeros.position());
        }
        allocated.add(PhysRange.of(at, size));
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
