// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages from the file's mapping. Wherever that goes wrong, the page is read once more by
 * system calls, which say what it is: memory that cannot be read, or bytes that are not right.
 *
 * <p>Thread safety: all methods may be called from any thread, also while the store is closed.
 */
final class PageReader {
  /** From this many pages on they are brought into memory at once, and not copied. */
  private static final int UNCOPIED = 16;

  /** The system makes memory unreadable in pieces of at least so many bytes. */
  private static final int SYSTEM_PAGE = 4096;

  private final OpenFile open;
  private final StoreLayout layout;
  private final MemorySegment mapped;
  private final int pageBytes;
  private final long[] areas = new long[StoreLayout.SLOTS]; // where each begins
  private volatile boolean populates = true; // until the system says that it cannot

  PageReader(OpenFile open) {
    this.open = open;
    this.layout = open.layout;
    this.mapped = open.mapped;
    this.pageBytes = open.layout.pageBytes();
    for (int slot = 0; slot < StoreLayout.SLOTS; slot++) {
      areas[slot] = layout.pageAt(slot, 0);
    }
  }

  MemorySegment read(long first, int count, MemorySegment room) throws StoreException {
    open.requireOpen();
    Scratch scratch = Scratch.mine();
    if (count >= UNCOPIED && populates) {
      MemorySegment uncopied = uncopied(first, count, scratch);
      if (uncopied != null) {
        return uncopied;
      }
    }
    for (int i = 0; i < count; i++) {
      if (!copied(first + i, room, (long) i * pageBytes, scratch)) {
        judge(first + i, room.asSlice((long) i * pageBytes, pageBytes));
      }
    }
    return room;
  }

  /** False if it did not go well. */
  private boolean copied(long page, MemorySegment room, long at, Scratch scratch) {
    try {
      boolean whole = copiedAsFarAsItGoes(page, room, at, scratch);
      if (!whole) {
        throwWhatIsPending(scratch);
      }
      return whole;
    } catch (InternalError unreadable) {
      return false;
    } catch (IllegalStateException e) {
      open.requireOpen();
      throw e;
    }
  }

  private boolean copiedAsFarAsItGoes(long page, MemorySegment room, long at, Scratch scratch) {
    PageRecord record = scratch.record;
    record.load(mapped, layout.recordAt(page), page);
    if (record.isDamaged()) {
      return false;
    }
    int slot = record.newest();
    if (slot < 0) {
      (room.byteSize() == pageBytes ? room : room.asSlice(at, pageBytes)).fill((byte) 0);
      return true;
    }
    // what cannot be read is not copied, and is then not what the checksum is of
    for (int part = 0; part < pageBytes; part += SYSTEM_PAGE) {
      room.set(
          ValueLayout.JAVA_BYTE, at + part, (byte) ~room.get(ValueLayout.JAVA_BYTE, at + part));
    }
    MemorySegment.copy(mapped, areas[slot] + page * pageBytes, room, at, pageBytes);
    // over the copy: the JVM does not survive a mapping that cannot be read in a checksum
    return scratch.checksum(room, at, pageBytes) == record.checksum(slot);
  }

  /**
   * Throws the error of a copy that could not be read. Compiled code goes on behind such a copy,
   * and the error comes at some later point, where it would hit the caller; at the end of a native
   * method it comes at the latest. This is the cheapest one.
   */
  private static void throwWhatIsPending(Object any) {
    if (Thread.holdsLock(any)) {
      throw new AssertionError("a scratch is not a lock");
    }
  }

  /** The pages where they lie, if they lie beside each other and are all right; else null. */
  private @Nullable MemorySegment uncopied(long first, int count, Scratch scratch) {
    long bytes = (long) count * pageBytes;
    if (bytes > Integer.MAX_VALUE) {
      return null;
    }
    try {
      int[] checksums = scratch.checksums(count);
      int slot = commonSlot(first, checksums, count, scratch.record);
      throwWhatIsPending(scratch);
      if (slot < 0) {
        return null;
      }
      MemorySegment lying = mapped.asSlice(layout.pageAt(slot, first), bytes);
      if (!open.file.populate(lying)) {
        populates = false;
        return null;
      }
      for (int i = 0; i < count; i++) {
        if (scratch.checksum(lying, (long) i * pageBytes, pageBytes) != checksums[i]) {
          return null;
        }
      }
      return lying;
    } catch (InternalError | IOException unreadable) {
      return null;
    } catch (IllegalStateException e) {
      open.requireOpen();
      throw e;
    }
  }

  private int commonSlot(long first, int[] checksums, int count, PageRecord record) {
    int common = -1;
    for (int i = 0; i < count; i++) {
      record.load(mapped, layout.recordAt(first + i), first + i);
      int slot = record.isDamaged() ? -1 : record.newest();
      if (slot < 0 || (i > 0 && slot != common)) {
        return -1;
      }
      common = slot;
      checksums[i] = record.checksum(slot);
    }
    return common;
  }

  /** Reads a page by system calls, and says why if it cannot be had. */
  private void judge(long page, MemorySegment room) throws StoreException {
    long stamp = open.gate.readLock();
    try (Arena arena = Arena.ofConfined()) {
      open.requireOpen();
      MemorySegment raw = arena.allocate(StoreLayout.RECORD_BYTES);
      open.file.read(layout.recordAt(page), raw);
      PageRecord record = new PageRecord();
      record.load(raw, 0, page);
      if (record.isDamaged()) {
        throw FileSentences.damaged(open.path, page, "the entry");
      }
      int slot = record.newest();
      if (slot < 0) {
        room.fill((byte) 0);
        return;
      }
      open.file.read(layout.pageAt(slot, page), room);
      if (Scratch.mine().checksum(room, 0, pageBytes) != record.checksum(slot)) {
        throw FileSentences.damaged(open.path, page, "what is on the disk");
      }
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw FileSentences.reading(open.path, page, e);
    } finally {
      open.gate.unlockRead(stamp);
    }
  }
}
