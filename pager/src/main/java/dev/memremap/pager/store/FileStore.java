// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * A store in one sparse file. {@link #at} says where it is, and its location opens it.
 *
 * <p>A page takes its own size in the file, and up to four times as much once it was written again:
 * its bytes of before stay until those that replace them last.
 *
 * <p>{@link #read} of fewer than 16 pages copies them; more are returned where they lie in memory
 * if they lie beside each other in the file, as pages do that were written in order. {@code room}
 * and {@code bytes} are native memory; a thread that gives the same {@code room} again makes no
 * garbage. While it is written, {@code bytes} does not change.
 *
 * <p>A memory that has a store open finds that very file again when one of its processes was
 * killed, and is refused otherwise: where the file was deleted, where another one was put in its
 * place, and where another memory or program has opened it since. A file system that draws a file's
 * number when it is opened (FUSE, FAT, SMB) does not tell a copy in its place. {@link #flush} fails
 * where the file was deleted, or its name is another file's by now.
 *
 * <p>It relies on a disk that writes a sector of 512 bytes whole or not at all, and on a file
 * system whose fdatasync returns when the bytes last.
 *
 * <p>Thread safety: all methods may be called from any thread. Writes go on during a flush; they
 * wait for a snapshot.
 */
public final class FileStore implements PageStore {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  /** How long a read holds the mapping, about. */
  private static final long HELD_NANOS = 50_000;

  private final OpenFile open;
  private final StoreFiles files;
  private final Arena arena;
  private final PageReader reader;
  private final PageWriter writer;

  /** One flush at a time; held before the gate. */
  private final ReentrantLock flushing = new ReentrantLock();

  private volatile StoreHeader header; // written under flushing
  private boolean mustWriteAgain; // guarded by flushing: a force failed

  /** An epoch has twice as many sequences as are given before the next one begins. */
  long renewedAfter = 1L << (PageRecord.EPOCH_SHIFT - 1);

  FileStore(OpenFile open, StoreFiles files, Arena arena, StoreHeader header) {
    this.open = open;
    this.files = files;
    this.arena = arena;
    this.header = header;
    this.reader = new PageReader(open);
    this.writer = new PageWriter(open, header.flushed());
  }

  /** Returns the location of a store in this file, which is made when it is first opened. */
  public static StoreLocation at(Path file) {
    Objects.requireNonNull(file, "file");
    return FileLocation.of(file);
  }

  /**
   * Returns how large the store in a file is. It writes nothing, and works while another process
   * has the store.
   *
   * @throws StoreException if the file cannot be read, or holds no store
   */
  public static StoreGeometry geometryOf(Path file) throws StoreException {
    Objects.requireNonNull(file, "file");
    return StoreOpening.geometryOf(file.toAbsolutePath(), NativeFile.FILES);
  }

  @Override
  public int pageBytes() {
    return open.layout.pageBytes();
  }

  @Override
  public long pages() {
    return open.layout.pages();
  }

  @Override
  public MemorySegment read(long first, int count, MemorySegment room) throws StoreException {
    requirePages(first, count);
    if (room.byteSize() != (long) count * pageBytes() || !room.isNative() || room.isReadOnly()) {
      throw new IllegalArgumentException(
          "room of %,d bytes for %,d pages: give %,d bytes of native memory that may be written"
              .formatted(room.byteSize(), count, (long) count * pageBytes()));
    }
    return reader.read(first, count, room);
  }

  private void requirePages(long first, long count) {
    if (count < 1) {
      throw new IllegalArgumentException("%,d pages: give at least 1".formatted(count));
    }
    if (first < 0 || count > pages() || first > pages() - count) {
      throw new IndexOutOfBoundsException(
          "%,d pages from page %d on: %s has pages 0 to %d"
              .formatted(count, first, open.path, pages() - 1));
    }
  }

  @Override
  public void write(long first, MemorySegment bytes) throws StoreException {
    if (bytes.byteSize() % pageBytes() != 0 || !bytes.isNative()) {
      throw new IllegalArgumentException(
          "%,d bytes: give whole pages of %,d bytes in native memory"
              .formatted(bytes.byteSize(), pageBytes()));
    }
    requirePages(first, bytes.byteSize() / pageBytes());
    long stamp = open.gate.readLock();
    try {
      open.requireOpen();
      writer.write(first, bytes);
    } finally {
      open.gate.unlockRead(stamp);
    }
  }

  @Override
  public void flush() throws StoreException {
    flushing.lock();
    try {
      open.requireOpen();
      open.requireHeld();
      if (writer.hasUnflushed()) {
        flushUpTo(beginFlush());
      }
      open.requireNamed();
    } finally {
      flushing.unlock();
    }
  }

  /** Waits for writes that are under way, and, after a force that failed, writes pages anew. */
  private long beginFlush() throws StoreException {
    long stamp = open.gate.writeLock();
    try {
      if (mustWriteAgain) {
        StoreRecovery.writeAgain(open.file, open.layout, writer.flushed(), open.path);
      }
      return writer.beginFlush();
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw notFlushed(e);
    } finally {
      open.gate.unlockWrite(stamp);
    }
  }

  private void flushUpTo(long sequence) throws StoreException {
    mustWriteAgain = true;
    try {
      open.file.force();
    } catch (IOException e) {
      throw notFlushed(e);
    }
    mustWriteAgain = false;
    writer.endFlush(sequence);
    note(header.next(sequence, false));
    if (sequence - (header.epoch() << PageRecord.EPOCH_SHIFT) >= renewedAfter) {
      renew(sequence);
    }
  }

  private StoreException notFlushed(IOException e) {
    return FileSentences.failed(
        "%s was not flushed; what was flushed before still lasts".formatted(open.path),
        open.path,
        e);
  }

  /** From now on it is a store as any other, also where one copy of its header is damaged. */
  void finish() throws StoreException {
    flush();
    flushing.lock();
    try {
      open.requireOpen();
      open.requireHeld();
      for (int copy = 0; copy < StoreLayout.HEADER_COPIES; copy++) {
        StoreHeader next = header.finished(writer.flushed());
        next.write(open.file);
        open.file.force();
        header = next;
      }
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw FileSentences.failed("%s was not finished".formatted(open.path), open.path, e);
    } finally {
      flushing.unlock();
    }
  }

  /** Writes a header that says more, but without which nothing is lost. */
  private void note(StoreHeader next) {
    try {
      next.write(open.file);
      header = next;
    } catch (IOException e) {
      // the header in the file is an older one, which is as true: more is looked at after a crash
    }
  }

  /** Begins another epoch, as the sequences of this one will end some day. */
  private void renew(long flushed) {
    long stamp = open.gate.writeLock();
    try {
      StoreHeader next = header.renewed(flushed);
      next.write(open.file);
      open.file.force();
      header = next;
      writer.continueFrom(next.epoch() << PageRecord.EPOCH_SHIFT);
    } catch (IOException e) {
      // the next flush tries it again; half of the sequences are left
    } finally {
      open.gate.unlockWrite(stamp);
    }
  }

  @Override
  public long nextWritten(long page) throws StoreException {
    if (page == pages()) {
      return page;
    }
    requirePages(page, 1);
    long stamp = open.gate.readLock();
    try {
      open.requireOpen();
      return WrittenPages.next(open.file, open.layout, page);
    } catch (IOException e) {
      throw FileSentences.failed("%s: its table was not read".formatted(open.path), open.path, e);
    } finally {
      open.gate.unlockRead(stamp);
    }
  }

  @Override
  public String mark() {
    return open.mark;
  }

  @Override
  public List<StoreFact> facts() {
    return List.of(
        StoreFact.of("kind", "a file, " + open.path),
        StoreFact.of("lease", "epoch %d, process %d".formatted(header.epoch(), header.process())),
        StoreFact.of(
            "not lasting yet", "%,d writes since the last flush".formatted(writer.unflushed())));
  }

  @Override
  public StoreLocation snapshot(String name) throws StoreException {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "snapshot '%s': give letters, digits, '-', '_' and '.'; the first is a letter or a digit"
              .formatted(name));
    }
    long stamp = open.gate.writeLock();
    try {
      open.requireOpen();
      open.requireHeld();
      return at(StoreCopy.make(open, files, name));
    } finally {
      open.gate.unlockWrite(stamp);
    }
  }

  @Override
  public void close() {
    flushing.lock();
    try {
      long stamp = open.gate.writeLock();
      try {
        if (!open.isClosed()) {
          open.setClosed();
          noteThatAllLasts();
          open.file.close();
          unmap(arena);
        }
      } finally {
        open.gate.unlockWrite(stamp);
      }
    } finally {
      flushing.unlock();
    }
  }

  private void noteThatAllLasts() {
    if (writer.hasUnflushed()) {
      return;
    }
    try {
      open.requireHeld();
      note(header.next(writer.flushed(), true));
    } catch (StoreException notOurs) {
      // another process writes its own header
    }
  }

  /** Reads that are under way hold the mapping for a moment. */
  static void unmap(Arena arena) {
    while (true) {
      try {
        arena.close();
        return;
      } catch (IllegalStateException held) {
        if (!arena.scope().isAlive()) {
          return;
        }
        LockSupport.parkNanos(HELD_NANOS);
      }
    }
  }

  @Override
  public String toString() {
    return "FileStore " + open.path;
  }
}
