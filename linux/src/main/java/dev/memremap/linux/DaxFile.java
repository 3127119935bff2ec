// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import jdk.nio.mapmode.ExtendedMapMode;
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
 * <p>A {@link FileChannel} closes itself when a thread is interrupted while using it. So a mapping
 * puts an interrupt off until it is done; where one arrives in the middle, the file is opened anew,
 * if its name still leads to it, and mapped again.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code channel}, {@code allocator}
 * and {@code closed} are guarded by {@code this}; a channel that was handed out may be closed by an
 * interrupt of any thread, whose mapping and all others then take the next one.
 */
public final class DaxFile implements MemorySource {
  private static final Set<String> FORGETFUL = Set.of("tmpfs", "ramfs", "hugetlbfs");

  private final Path path;
  private final @Nullable Object key;
  private final long size;
  private final boolean sync;
  private final RealBacking backing;
  private final Posix posix;
  private FileChannel channel;

  /** Allocates what is mapped; null if that was not asked for. */
  private Posix.@Nullable Descriptor allocator;

  private boolean closed;

  private DaxFile(Path path, FileChannel channel, boolean sync, Posix posix, RealBacking backing)
      throws IOException {
    this.path = path;
    this.channel = channel;
    this.key = keyOf(path);
    this.size = channel.size();
    this.sync = sync;
    this.posix = posix;
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
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, READ, WRITE);
      if (channel.size() == 0) {
        throw refusal(
            Errno.EINVAL, path, "it is empty; give it a size first, with truncate -s", null);
      }
      boolean sync = mapsDirectly(channel);
      if (onlyDax && !sync) {
        throw refusal(
            Errno.EOPNOTSUPP,
            path,
            "its file system does not map it directly; mount it with -o dax on persistent memory, or open it with orCached",
            null);
      }
      return new DaxFile(path, channel, sync, posix, backing(path, sync, posix, libpmem));
    } catch (IOException e) {
      close(channel);
      throw refusal(errnoOf(e), path, reasonOf(e), e);
    } catch (RuntimeException | Error e) {
      close(channel);
      throw e;
    }
  }

  private static void close(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Only a mapping tells whether the file system takes MAP_SYNC. */
  private static boolean mapsDirectly(FileChannel channel) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment probe = channel.map(ExtendedMapMode.READ_WRITE_SYNC, 0, 1, arena);
      return probe.byteSize() == 1;
    } catch (UnsupportedOperationException noSuchProcessor) {
      return false;
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage());
      if (reason.contains("not supported") || reason.contains("Invalid argument")) {
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
   * memory only if the file is cut short or its media fail (LIB-8). What the file holds stays.
   *
   * @return this file
   * @throws MemremapException {@code EIO} if another file has its name now; {@code ENOENT}, {@code
   *     EACCES} or {@code EMFILE} if it cannot be opened once more
   */
  public synchronized DaxFile populate() {
    requireOpen();
    if (allocator == null) {
      allocator = openAgain();
    }
    return this;
  }

  /** What tells a file from another one that has its name later: device and inode. */
  private static @Nullable Object keyOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  private Posix.Descriptor openAgain() {
    Posix.Descriptor again;
    try {
      again = posix.open(path.toString(), 0);
    } catch (ErrnoException e) {
      throw SourceRefusal.of(e, name(), "it cannot be opened (" + e.sentence() + ")");
    }
    try {
      if (Objects.equals(keyOf(path), key)) {
        return again;
      }
    } catch (IOException e) {
      again.close();
      throw refusal(errnoOf(e), path, reasonOf(e), e);
    }
    again.close();
    throw refusal(
        Errno.EIO, path, "another file has its name since it was opened; attach it anew", null);
  }

  @Override
  public MappedBytes map(long offset, long length, Arena arena) {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return map(channel(), offset, length, arena);
        } catch (ClosedChannelException e) {
          // an interrupt of this thread or of another one closed it, or close() did
          interrupted |= Thread.interrupted();
        }
      }
    } catch (IOException e) {
      throw refusal(errnoOf(e), path, reasonOf(e), e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Does what an interrupt in the middle of a mapping does, for tests. */
  synchronized void interruptClosesIt() {
    close(channel);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(path + " is closed");
    }
  }

  private synchronized FileChannel channel() throws IOException {
    requireOpen();
    if (!channel.isOpen()) {
      FileChannel again = FileChannel.open(path, READ, WRITE);
      if (!Objects.equals(keyOf(path), key)) {
        close(again);
        throw refusal(
            Errno.EIO,
            path,
            "an interrupt closed the file, and another one has its name now; attach it anew",
            null);
      }
      channel = again;
    }
    return channel;
  }

  @SuppressWarnings("restricted") // the address is that of a mapping in the same arena
  private MappedBytes map(FileChannel file, long offset, long length, Arena arena)
      throws IOException {
    // a mapping beyond the end would make the file longer
    if (file.size() < offset + length) {
      throw refusal(
          Errno.EIO,
          path,
          "it had %d bytes when it was opened and has %d now; nothing is mapped beyond its end"
              .formatted(size, file.size()),
          null);
    }
    takeRoom(offset, length);
    MapMode mode = sync ? ExtendedMapMode.READ_WRITE_SYNC : MapMode.READ_WRITE;
    MemorySegment mapped = file.map(mode, offset, length, arena);
    MemorySegment plain =
        MemorySegment.ofAddress(mapped.address()).reinterpret(length, arena, null);
    return new MappedBytes(plain, CacheMode.WB, backing);
  }

  /** Allocates what is to be mapped if that was asked for; else warns where there is no room. */
  private void takeRoom(long offset, long length) {
    Posix.Descriptor allocates = allocator();
    if (allocates == null) {
      FileRoom.look(path, posix);
      return;
    }
    try {
      allocates.allocate(offset, length);
    } catch (ErrnoException e) {
      throw SourceRefusal.notAllocated(
          e, name(), offset, length, "make room in its file system, or map less of it");
    }
  }

  private synchronized Posix.@Nullable Descriptor allocator() {
    return allocator;
  }

  private static MemremapException refusal(
      Errno errno, Path path, String what, @Nullable Throwable cause) {
    return new MemremapException(new Refusal(errno, Rule.LIB_6, path + ": " + what), cause);
  }

  private static Errno errnoOf(IOException e) {
    return switch (e) {
      case NoSuchFileException gone -> Errno.ENOENT;
      case AccessDeniedException denied -> Errno.EACCES;
      default -> e.getCause() instanceof OutOfMemoryError ? Errno.ENOMEM : Errno.EIO;
    };
  }

  private static String reasonOf(IOException e) {
    if (e instanceof FileSystemException known && known.getReason() != null) {
      return known.getReason();
    }
    return switch (e) {
      case NoSuchFileException gone -> "there is no such file";
      case AccessDeniedException denied -> "permission to read and write it is missing";
      default -> String.valueOf(e.getMessage());
    };
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (allocator != null) {
      allocator.close();
    }
    close(channel);
  }

  @Override
  public String toString() {
    return "%s of %d bytes%s".formatted(path, size, sync ? ", DAX" : "");
  }
}
