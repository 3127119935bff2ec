// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.crypt;

import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.Backing;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.SegmentAccess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.LongPredicate;

/**
 * Memory seen through another encryption attribute than its own: what a mapping with the attribute
 * off shows of encrypted memory, or a mapping with it on of plain memory.
 *
 * <p>The view is a copy. Its segment holds the transformed bytes as they were when it was opened,
 * and {@link #force()} writes the blocks that changed since back through the inverse transform.
 * Between the two, nothing stored through the view is seen in memory and nothing stored to memory
 * is seen in the view: the two are coherent at {@code force()} and at the mapping's close, which
 * calls it, and only there. Real hardware does no better: its caches hold the two views of one
 * address as different lines, and only writing them back makes one see the other.
 *
 * <p>Blocks have 16 bytes, at multiples of 16. A range that begins or ends inside one is viewed in
 * whole blocks, {@link #blocksOf(PhysRange)}, and {@link #segment()} is the slice asked for.
 *
 * <pre>
 *   raw memory   |----------------|----------------|----------------|   whole blocks, mapped
 *   view         |----------------|----------------|----------------|   the copy, transformed
 *   segment()            |---------------------------|                  the range asked for
 * </pre>
 *
 * <p>Thread safety: safe for use by many threads. A store to the segment that runs beside a {@code
 * force()} is written back by that one or by the next.
 */
public final class TransformedView {

  /** The direction in which a view transforms raw memory. */
  public enum Direction {
    /** Encrypted memory through a plain mapping: the reader sees ciphertext. */
    ENCRYPTED_MEMORY_SEEN_PLAIN,
    /** Plain memory through an encrypted mapping: the reader sees it deciphered. */
    PLAIN_MEMORY_SEEN_ENCRYPTED
  }

  /** The most bytes that one view can have: 64 MiB (LIB-3). */
  public static final long MAX_BYTES = 64L << 20;

  /** How many copies a view holds outside the heap: what is seen, and what was seen at first. */
  public static final int COPIES = 2;

  /** A chunk lies in one page, for no architecture has smaller ones. */
  private static final int CHUNK_SHIFT = 12;

  private static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;

  private final MemorySegment raw;
  private final Backing backing;
  private final long first;
  private final long bytes;
  private final BitSet transformedChunks;
  private final XtsPass toRaw;
  private final MemorySegment view;
  private final MemorySegment snapshot;
  private final MemorySegment segment;
  private final byte[] now = new byte[CHUNK_BYTES];
  private final byte[] before = new byte[CHUNK_BYTES];

  private TransformedView(
      MappedBytes raw, PhysRange range, BitSet transformedChunks, XtsPass toRaw, Arena arena) {
    PhysRange blocks = blocksOf(range);
    this.raw = raw.segment();
    this.backing = raw.backing();
    this.first = blocks.start();
    this.bytes = blocks.sizeBytes();
    this.transformedChunks = transformedChunks;
    this.toRaw = toRaw;
    this.view = allocate(range, first, bytes, arena);
    this.snapshot = allocate(range, first, bytes, arena);
    MemorySegment asked = view.asSlice(range.start() - first, range.sizeBytes());
    // what could not be written back is not stored
    this.segment = this.raw.isReadOnly() ? asked.asReadOnly() : asked;
  }

  /** The whole blocks that a range touches: what has to be mapped to view it. */
  public static PhysRange blocksOf(PhysRange range) {
    return range.roundOutTo(XtsCipher.BLOCK_BYTES);
  }

  /**
   * LIB-3: a view is a copy, and holds at most {@link #MAX_BYTES}.
   *
   * @throws MemremapException {@code ENOMEM} if the range has more bytes than a view can
   */
  public static void requireViewable(PhysRange range) {
    if (isTooLong(range)) {
      throw new MemremapException(tooLong(range));
    }
  }

  /** Whether a range has more bytes than a view can. */
  public static boolean isTooLong(PhysRange range) {
    return Long.compareUnsigned(range.endInclusive() - range.start(), MAX_BYTES) >= 0;
  }

  /** LIB-3: what is said of a range that is too long. */
  public static Refusal tooLong(PhysRange range) {
    return new Refusal(
        Errno.ENOMEM,
        Rule.LIB_3,
        "range 0x%x-0x%x would be seen through another encryption attribute, and such a view holds at most 64 MiB; remap it in parts, or with the memory's own attribute"
            .formatted(range.start(), range.endInclusive()));
  }

  /**
   * Copies and transforms a range.
   *
   * @param raw the mapped bytes of {@link #blocksOf(PhysRange)} of the range; kept for {@link
   *     #force()}. Where they can only be read, so can the view
   * @param range the range asked for, at most {@link #MAX_BYTES}; neither end need be aligned
   * @param direction which way to transform
   * @param transformed whether the page that holds an address has the other attribute; the bytes of
   *     the others are left alone. Asked once for each 4 KiB
   * @param cipher the machine's cipher
   * @param arena for the copy: twice the range's bytes, which stay there until the arena is closed
   * @throws MemremapException {@code ENOMEM} (LIB-3) if the range is too large or memory for the
   *     copy is lacking; the backing's exception if the raw memory went away: {@code ENOSPC}
   *     (LIB-2) if simulated memory has run out of room
   * @throws IllegalArgumentException if the raw segment does not have the blocks' size
   */
  public static TransformedView open(
      MappedBytes raw,
      PhysRange range,
      Direction direction,
      LongPredicate transformed,
      XtsCipher cipher,
      Arena arena) {
    requireViewable(range);
    PhysRange blocks = blocksOf(range);
    long bytes = blocks.sizeBytes();
    long rawBytes = raw.segment().byteSize();
    if (rawBytes != bytes) {
      throw new IllegalArgumentException(
          "the raw segment has %d bytes, and the range's blocks have %d"
              .formatted(rawBytes, bytes));
    }
    boolean showsCiphertext = direction == Direction.ENCRYPTED_MEMORY_SEEN_PLAIN;
    TransformedView view =
        new TransformedView(
            raw,
            range,
            chunks(blocks, transformed),
            showsCiphertext ? cipher.decryption() : cipher.encryption(),
            arena);
    view.fill(showsCiphertext ? cipher.encryption() : cipher.decryption());
    return view;
  }

  private static BitSet chunks(PhysRange blocks, LongPredicate transformed) {
    PhysRange whole = blocks.roundOutTo(CHUNK_BYTES);
    int count = (int) (whole.sizeBytes() >>> CHUNK_SHIFT);
    BitSet chunks = new BitSet(count);
    for (int i = 0; i < count; i++) {
      chunks.set(i, transformed.test(whole.start() + ((long) i << CHUNK_SHIFT)));
    }
    return chunks;
  }

  /** Allocates a copy at the same place in its page as the memory has. */
  private static MemorySegment allocate(PhysRange range, long start, long bytes, Arena arena) {
    long inPage = start & (CHUNK_BYTES - 1);
    try {
      return arena.allocate(inPage + bytes, CHUNK_BYTES).asSlice(inPage);
    } catch (OutOfMemoryError e) {
      throw new MemremapException(
          new Refusal(
              Errno.ENOMEM,
              Rule.LIB_3,
              "no memory outside the heap is left for the copy through which range 0x%x-0x%x is seen; close other views, or raise -XX:MaxDirectMemorySize"
                  .formatted(range.start(), range.endInclusive())),
          e);
    }
  }

  private void fill(XtsPass fromRaw) {
    MemorySegment chunk = MemorySegment.ofArray(now);
    for (long at = 0; at < bytes; at += chunkBytes(at)) {
      int length = chunkBytes(at);
      SegmentAccess.copy(raw, at, chunk, 0, length, backing);
      if (isTransformed(at)) {
        fromRaw.transform(first + at, now, 0, length);
      }
      MemorySegment.copy(chunk, 0, view, at, length);
      MemorySegment.copy(chunk, 0, snapshot, at, length);
    }
  }

  /** The bytes of the range asked for, transformed. Alive as long as the arena of the view. */
  public MemorySegment segment() {
    return segment;
  }

  /**
   * Writes back the blocks that were changed through the view since it was opened or last forced;
   * unchanged blocks are not written, so that other writers' bytes stay.
   *
   * @throws MemremapException the backing's exception if the raw memory went away: {@code ENOSPC}
   *     (LIB-2) if simulated memory has run out of room; what was not written is tried again by the
   *     next call
   * @throws IllegalStateException if the arena of the view or of the raw segment was closed
   */
  public synchronized void force() {
    MemorySegment chunk = MemorySegment.ofArray(now);
    MemorySegment old = MemorySegment.ofArray(before);
    for (long at = 0; at < bytes; at += chunkBytes(at)) {
      int length = chunkBytes(at);
      MemorySegment.copy(view, at, chunk, 0, length);
      MemorySegment.copy(snapshot, at, old, 0, length);
      int difference = Arrays.mismatch(now, 0, length, before, 0, length);
      int from = difference < 0 ? length : blockStart(difference);
      while (from < length) {
        int to = from;
        while (to < length && blockChanged(to)) {
          to += XtsCipher.BLOCK_BYTES;
        }
        if (to > from) {
          writeBack(at, from, to);
        }
        from = to + XtsCipher.BLOCK_BYTES; // the block at `to` is unchanged
      }
    }
  }

  /**
   * Writes back as {@link #force()} does, and returns when the whole blocks that hold these bytes
   * are on the media: the raw ones, for a copy has no media.
   *
   * @param offset of the first byte in {@link #segment()}
   * @param length in bytes; 0 persists nothing
   * @throws UnsupportedOperationException if that cannot be promised
   * @throws MemremapException as {@link #force()}, and {@code EIO} if the media failed
   */
  public void persist(long offset, long length) {
    force();
    if (length == 0) {
      return;
    }
    long start = segment.address() - view.address() + offset;
    long from = start & -XtsCipher.BLOCK_BYTES;
    long to = (start + length + XtsCipher.BLOCK_BYTES - 1) & -XtsCipher.BLOCK_BYTES;
    SegmentAccess.raising(backing, () -> backing.persist(raw, from, to - from));
  }

  private boolean blockChanged(int block) {
    int end = block + XtsCipher.BLOCK_BYTES;
    return !Arrays.equals(now, block, end, before, block, end);
  }

  private void writeBack(long at, int from, int to) {
    // The snapshot takes the bytes before they are transformed, but only once they are written.
    System.arraycopy(now, from, before, from, to - from);
    if (isTransformed(at)) {
      toRaw.transform(first + at + from, now, from, to - from);
    }
    SegmentAccess.copy(MemorySegment.ofArray(now), from, raw, at + from, to - from, backing);
    MemorySegment.copy(MemorySegment.ofArray(before), from, snapshot, at + from, to - from);
  }

  /** How many bytes from here to the end of the chunk or of the view, whichever comes first. */
  private int chunkBytes(long at) {
    return (int) Math.min(CHUNK_BYTES - ((first + at) & (CHUNK_BYTES - 1)), bytes - at);
  }

  private boolean isTransformed(long at) {
    return transformedChunks.get((int) (((first + at) >>> CHUNK_SHIFT) - (first >>> CHUNK_SHIFT)));
  }

  private static int blockStart(int offset) {
    return offset & -XtsCipher.BLOCK_BYTES;
  }
}
