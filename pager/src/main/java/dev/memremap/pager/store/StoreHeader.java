// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The head of a store's file.
 *
 * <pre>
 *   0  magic, "mrmPages"
 *   8  version of the layout, 32 bits
 *  12  bytes of a page, 32 bits
 *  16  pages
 *  24  generation: one more each time a header is written; the greater of the two copies counts
 *  32  epoch of the lease: one more at each opening
 *  40  holder: a number drawn by the process that has the store
 *  48  process id of the holder
 *  56  flushed: the last sequence that is known to last
 *  64  1 if the store was closed and all of it lasts; and 2 if it is a copy that is not finished
 *  72  owner: the number of the {@link StoreOwner} that opened it last; 0 if it has none
 *  80  CRC32C of all before, 32 bits
 * </pre>
 *
 * Version 1 had no owner: its CRC32C stands at 72. It is read, and written as version 2 when the
 * store is opened; a program that knows version 1 alone refuses it from then on, and so cannot open
 * the store unseen.
 *
 * <p>It lies in one sector of 512 bytes, and relies on a disk that writes a sector whole or not at
 * all, as a {@link PageRecord} does.
 */
record StoreHeader(
    StoreGeometry geometry,
    long generation,
    long epoch,
    long holder,
    long process,
    long flushed,
    boolean clean,
    boolean unfinished,
    long owner) {
  static final int VERSION = 2;
  private static final int VERSION_WITHOUT_OWNER = 1;
  private static final long MAGIC = 0x73656761506d726dL;
  private static final int BYTES = 84;
  private static final long CLEAN = 1;
  private static final long UNFINISHED = 2;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Where each number lies. */
  private static final class At {
    static final int VERSION = 8;
    static final int PAGE_BYTES = 12;
    static final int PAGES = 16;
    static final int GENERATION = 24;
    static final int EPOCH = 32;
    static final int HOLDER = 40;
    static final int PROCESS = 48;
    static final int FLUSHED = 56;
    static final int STATE = 64;
    static final int OWNER = 72;
    static final int CHECKSUM = 80;
    static final int CHECKSUM_WITHOUT_OWNER = 72;
  }

  /** What the two copies say together. */
  sealed interface Found {
    /** Of two copies, the one with the greater rank counts. */
    int rank();

    /** A header. */
    record Whole(StoreHeader header) implements Found {
      @Override
      public int rank() {
        return 3;
      }
    }

    /** A copy is of another version of the layout. */
    record OfVersion(int version) implements Found {
      @Override
      public int rank() {
        return 2;
      }
    }

    /** Each copy that begins as a header does is damaged. */
    record Damaged() implements Found {
      @Override
      public int rank() {
        return 1;
      }
    }

    /** Neither copy begins as a header does. */
    record Foreign() implements Found {
      @Override
      public int rank() {
        return 0;
      }
    }
  }

  /** Writes this header over the older copy. */
  void write(StoreFile file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(BYTES);
      to.set(LONG, 0, MAGIC);
      to.set(INT, At.VERSION, VERSION);
      to.set(INT, At.PAGE_BYTES, geometry.pageBytes());
      to.set(LONG, At.PAGES, geometry.pages());
      to.set(LONG, At.GENERATION, generation);
      to.set(LONG, At.EPOCH, epoch);
      to.set(LONG, At.HOLDER, holder);
      to.set(LONG, At.PROCESS, process);
      to.set(LONG, At.FLUSHED, flushed);
      to.set(LONG, At.STATE, (clean ? CLEAN : 0) | (unfinished ? UNFINISHED : 0));
      to.set(LONG, At.OWNER, owner);
      to.set(INT, At.CHECKSUM, checksum(to, At.CHECKSUM));
      file.write(StoreLayout.headerAt(generation), to);
    }
  }

  private static int checksum(MemorySegment header, int bytes) {
    CRC32C crc = new CRC32C();
    crc.update(header.asSlice(0, bytes).asByteBuffer());
    return (int) crc.getValue();
  }

  /** Reads both copies of a file that has at least as many bytes. */
  static Found read(StoreFile file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(BYTES);
      Found found = new Found.Foreign();
      for (int i = 0; i < StoreLayout.HEADER_COPIES; i++) {
        file.read(StoreLayout.headerAt(i), copy);
        found = better(found, copy(copy));
      }
      return found;
    }
  }

  private static Found copy(MemorySegment from) {
    if (from.get(LONG, 0) != MAGIC) {
      return new Found.Foreign();
    }
    int version = from.get(INT, At.VERSION);
    boolean hasOwner = version != VERSION_WITHOUT_OWNER;
    int end = hasOwner ? At.CHECKSUM : At.CHECKSUM_WITHOUT_OWNER;
    if (from.get(INT, end) != checksum(from, end)) {
      return version > VERSION ? new Found.OfVersion(version) : new Found.Damaged();
    }
    if (hasOwner && version != VERSION) {
      return new Found.OfVersion(version);
    }
    return new Found.Whole(
        new StoreHeader(
            new StoreGeometry(from.get(LONG, At.PAGES), from.get(INT, At.PAGE_BYTES)),
            from.get(LONG, At.GENERATION),
            from.get(LONG, At.EPOCH),
            from.get(LONG, At.HOLDER),
            from.get(LONG, At.PROCESS),
            from.get(LONG, At.FLUSHED),
            (from.get(LONG, At.STATE) & CLEAN) != 0,
            (from.get(LONG, At.STATE) & UNFINISHED) != 0,
            hasOwner ? from.get(LONG, At.OWNER) : 0));
  }

  private static Found better(Found one, Found other) {
    if (one instanceof Found.Whole first && other instanceof Found.Whole second) {
      return first.header.generation > second.header.generation ? one : other;
    }
    return one.rank() >= other.rank() ? one : other;
  }

  /** The header, if there is one. */
  static Optional<StoreHeader> ifWhole(Found found) {
    return found instanceof Found.Whole whole ? Optional.of(whole.header) : Optional.empty();
  }

  /** The next one of the same holder. */
  StoreHeader next(long nowFlushed, boolean nowClean) {
    return next(epoch, nowFlushed, nowClean, unfinished);
  }

  /** The next one of the same holder, with another epoch. */
  StoreHeader renewed(long nowFlushed) {
    return next(epoch + 1, nowFlushed, false, unfinished);
  }

  /** The next one of the same holder, of a store whose copy is finished. */
  StoreHeader finished(long nowFlushed) {
    return next(epoch, nowFlushed, false, false);
  }

  private StoreHeader next(
      long nowEpoch, long nowFlushed, boolean nowClean, boolean nowUnfinished) {
    return new StoreHeader(
        geometry,
        generation + 1,
        nowEpoch,
        holder,
        process,
        nowFlushed,
        nowClean,
        nowUnfinished,
        owner);
  }

  /** This one, of a copy that is not finished. */
  StoreHeader ofUnfinished() {
    return new StoreHeader(
        geometry, generation, epoch, holder, process, flushed, clean, true, owner);
  }

  /** The next one, of another holder, to which all that was written before is flushed. */
  StoreHeader taken(long nextEpoch, long nextHolder, long nextProcess, StoreOwner nextOwner) {
    return new StoreHeader(
        geometry,
        generation + 1,
        nextEpoch,
        nextHolder,
        nextProcess,
        nextEpoch << PageRecord.EPOCH_SHIFT,
        false,
        unfinished,
        nextOwner.number());
  }
}
