// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.rule.MemremapException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Loads, stores and copies with a typed error if the memory behind a mapping goes away (a full
 * tmpfs, a full disk, a file cut short). A bare access then ends in an {@link InternalError}, at
 * the access or a little later. These methods throw, before they return, what the {@link Backing}
 * says: {@code ENOSPC} for simulated memory.
 *
 * <p>Scalars are little-endian and need not be aligned; an aligned one is a single access of its
 * width.
 *
 * <p>Thread safety: stateless. Accesses are plain: they order nothing.
 */
public final class SegmentAccess {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  private static final long PAGE = 4096;
  private static final Object[] POLLS = {new Object(), new Object()};

  private SegmentAccess() {}

  /**
   * Loads a scalar.
   *
   * @param offset of its first byte in the segment
   * @param widthBits 8, 16, 32 or 64
   * @param backing what backs the segment, and makes the exception
   * @return the value, zero-extended
   * @throws MemremapException {@code ENOSPC} if simulated memory cannot be allocated for it
   * @throws IndexOutOfBoundsException if it does not lie whole in the segment
   * @throws IllegalArgumentException for any other width
   * @throws IllegalStateException if the segment was unmapped
   */
  public static long load(MemorySegment segment, long offset, int widthBits, Backing backing) {
    Objects.requireNonNull(segment, "segment");
    Objects.requireNonNull(backing, "backing");
    try {
      long value =
          switch (widthBits) {
            case 8 -> Byte.toUnsignedLong(segment.get(ValueLayout.JAVA_BYTE, offset));
            case 16 -> Short.toUnsignedLong(segment.get(SHORT, offset));
            case 32 -> Integer.toUnsignedLong(segment.get(INT, offset));
            case 64 -> segment.get(LONG, offset);
            default -> throw noSuchWidth(widthBits);
          };
      raisePendingFault(0);
      return value;
    } catch (InternalError e) {
      throw named(e, backing);
    }
  }

  /**
   * Stores a scalar: the low bits of the value, as many as the width has.
   *
   * @param offset of its first byte in the segment
   * @param widthBits 8, 16, 32 or 64
   * @param backing what backs the segment, and makes the exception
   * @throws MemremapException {@code ENOSPC} if simulated memory cannot be allocated for it
   * @throws IndexOutOfBoundsException if it does not lie whole in the segment
   * @throws IllegalArgumentException for any other width
   * @throws IllegalStateException if the segment was unmapped
   */
  public static void store(
      MemorySegment segment, long offset, int widthBits, long value, Backing backing) {
    Objects.requireNonNull(segment, "segment");
    Objects.requireNonNull(backing, "backing");
    try {
      switch (widthBits) {
        case 8 -> segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
        case 16 -> segment.set(SHORT, offset, (short) value);
        case 32 -> segment.set(INT, offset, (int) value);
        case 64 -> segment.set(LONG, offset, value);
        default -> throw noSuchWidth(widthBits);
      }
      raisePendingFault(0);
    } catch (InternalError e) {
      throw named(e, backing);
    }
  }

  /**
   * Copies bytes as {@link MemorySegment#copy(MemorySegment, long, MemorySegment, long, long)}.
   *
   * @param backing what backs the segment that may be lost, and makes the exception
   * @throws MemremapException {@code ENOSPC} if simulated memory cannot be allocated for one of the
   *     ranges; bytes before that place may have been copied
   * @throws IndexOutOfBoundsException if a range does not lie in its segment
   */
  public static void copy(
      MemorySegment from,
      long fromOffset,
      MemorySegment to,
      long toOffset,
      long bytes,
      Backing backing) {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(backing, "backing");
    try {
      MemorySegment.copy(from, fromOffset, to, toOffset, bytes);
      raisePendingFault(0);
    } catch (InternalError e) {
      throw named(e, backing);
    }
  }

  private static byte look(MemorySegment segment, long at) {
    return (byte) BYTE.getOpaque(segment, at);
  }

  /**
   * Touches every page of a range before a native function does: a fault here is an exception, a
   * fault there ends the process.
   *
   * @param length in bytes, at least 1
   * @throws InternalError if memory went away, before this returns
   */
  public static void touch(MemorySegment segment, long offset, long length) {
    Objects.requireNonNull(segment, "segment");
    int seen = look(segment, offset + length - 1);
    for (long at = offset; at < offset + length; at += PAGE) {
      seen ^= look(segment, at);
    }
    raisePendingFault(seen);
  }

  /** Runs any other access, with a typed error if its memory goes away. */
  public static void raising(Backing backing, Runnable access) {
    Objects.requireNonNull(backing, "backing");
    Objects.requireNonNull(access, "access");
    try {
      access.run();
      raisePendingFault(0);
    } catch (InternalError e) {
      throw named(e, backing);
    }
  }

  /**
   * The JVM notes a fault in its signal handler and raises it at the thread's next safepoint poll,
   * which compiled and inlined code may meet only after the {@code try} that waits for it. A native
   * method polls when it returns; this one is the cheapest of the JDK that no compiler replaces.
   *
   * @param seen what was loaded: a compiler leaves out a load of which nothing depends
   */
  private static void raisePendingFault(int seen) {
    if (Thread.holdsLock(POLLS[seen & 1])) {
      throw new AssertionError("nothing locks this object");
    }
  }

  private static IllegalArgumentException noSuchWidth(int widthBits) {
    return new IllegalArgumentException("a width is 8, 16, 32 or 64 bits, not " + widthBits);
  }

  /** Returns what an access throws in place of the JVM's bare error; throws any other error on. */
  public static MemremapException named(InternalError error, Backing backing) {
    Objects.requireNonNull(error, "error");
    Objects.requireNonNull(backing, "backing");
    String message = error.getMessage();
    if (message == null || !message.contains("unsafe memory access")) {
      throw error;
    }
    return backing.lost(error);
  }
}
