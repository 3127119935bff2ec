// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.remap.Ioremapper;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.SegmentAccess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Reads and writes a device's registers: {@code ioremap}. Each call is exactly one access of
 * exactly its width, in program order, since reading a register may have an effect. A {@link
 * MemorySegment} cannot promise that: a compiler may split, merge, widen or repeat its accesses.
 *
 * <table>
 *   <caption>Each write and the read that goes with it</caption>
 *   <tr><th>bits</th><th>write</th><th>read</th><th>order of memory</th></tr>
 *   <tr><td>8</td><td>{@link #write8}</td><td>{@link #read8}</td><td rowspan="4">release /
 *       acquire</td></tr>
 *   <tr><td>16</td><td>{@link #write16}</td><td>{@link #read16}</td></tr>
 *   <tr><td>32</td><td>{@link #write32}</td><td>{@link #read32}</td></tr>
 *   <tr><td>64</td><td>{@link #write64}</td><td>{@link #read64}</td></tr>
 * </table>
 *
 * <p>Call {@link #fence()} between accesses to these registers and to <em>another</em> mapping if
 * their order matters, such as one of write-combining memory. The device sees a store to ordinary
 * memory, such as a descriptor for DMA, before a register write that follows it.
 *
 * <p>An access throws a {@link MemremapException} if the device went away ({@code EIO}), or if the
 * file system of simulated memory is full ({@code ENOSPC}) ({@link Rule#LIB_8 LIB-8}).
 *
 * <p>Thread safety: all methods may be called from any thread. Take a lock of your own if several
 * accesses must be one step.
 */
public sealed class IoMemory implements AutoCloseable permits BigEndianIoMemory {
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  private static final VarHandle SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  /*
   * One access, not torn, merged or left out. A read is an acquire load, which a compiler may
   * neither drop nor repeat. A write is a release fence and a plain store: the interpreter makes a
   * store in any stronger mode an exchange, which is a second access, and which HotSpot cannot
   * leave again where the memory is missing: it ends the process. An aligned plain store is one
   * store of its width; the fences around it, one before this store and one before the next, keep a
   * compiler from merging two of them. An offset that is not aligned is refused.
   *
   * In program order. The fence keeps a write behind all that precedes it, the acquire mode a read
   * before all that follows. That leaves a write and a later read of another register. The mapping
   * is UC-, and a processor makes uncached accesses one by one in their order; HotSpot's compilers
   * put a barrier of their own before an off-heap load in acquire mode, so they do not swap the two
   * either.
   *
   * A fault at the access. HotSpot's signal handler notes the fault and goes on behind the access;
   * the error is thrown at the thread's next safepoint poll, which may lie behind the caller's try.
   * So raiseFault() has a poll in each access: a loop whose rounds no compiler can count, which
   * keeps a poll at its back edge, runs two rounds, and so polls once. The interpreter polls there,
   * too. Neither field ever changes; were one final, the loop would be compiled away, and a poll
   * outside a loop of its own is moved to the end of a loop around the access. The poll costs about
   * 0.5 ns, so an access does without where the memory cannot be lost: simulated memory of a tmpfs
   * that was allocated when it was mapped. Such memory can be written, too; one question, asked
   * once,
   * covers both. docs/performance.md says how this was measured.
   */
  private static int rounds = 2;
  private static int step = 1;

  private final PhysRange range;
  private final MappedBytes bytes;
  private final MemorySegment registers;
  private final MappedRegion region;
  private final Consumer<IoMemory> unmapped;

  /** Whether an access looks if it may write, and if it met memory. */
  private final boolean careful;

  // Written while this is locked. Whether an access still reaches the device is decided by the
  // arena, as for any Mapping.
  private boolean closed;

  /**
   * Registers that were mapped.
   *
   * @param unmapped told when they were unmapped
   */
  IoMemory(PhysRange range, Ioremapper.Ioremapped mapped, Consumer<IoMemory> unmapped) {
    this.range = range;
    this.bytes = mapped.bytes();
    this.registers = bytes.segment();
    this.region = mapped.region();
    this.unmapped = unmapped;
    this.careful = bytes.backing().canBeLost() || registers.isReadOnly();
  }

  /** Another view of these registers. */
  IoMemory(IoMemory same) {
    this.range = same.range;
    this.bytes = same.bytes;
    this.registers = same.registers;
    this.region = same.region;
    this.unmapped = same.unmapped;
    this.careful = same.careful;
  }

  /** Returns the physical addresses it maps. */
  public PhysRange range() {
    return range;
  }

  /** Returns the cache mode granted: UC-, or the one of an earlier mapping of the range. */
  public CacheMode cacheMode() {
    return bytes.mode();
  }

  /** Returns what backs it: on a real machine, a file's path. */
  public String backing() {
    return bytes.backing().name();
  }

  /** Returns a view of these registers whose highest byte comes first. */
  public IoMemory bigEndian() {
    return new BigEndianIoMemory(this);
  }

  /**
   * Reads 8 bits.
   *
   * @param offset in bytes from the first register
   * @throws IndexOutOfBoundsException if that is not in the mapping
   * @throws IllegalStateException if the mapping is closed
   * @throws MemremapException {@code EIO} if the device went away
   */
  public int read8(long offset) {
    try {
      byte value = (byte) BYTE.getAcquire(registers, offset);
      raiseFault(careful);
      return Byte.toUnsignedInt(value);
    } catch (InternalError | RuntimeException e) {
      throw because(e, offset, Byte.BYTES);
    }
  }

  /**
   * Reads 16 bits.
   *
   * @param offset in bytes from the first register; its address is a multiple of 2
   * @throws IllegalArgumentException if it is not aligned; see {@link #read8} for the rest
   */
  public int read16(long offset) {
    try {
      short value = (short) SHORT.getAcquire(registers, offset);
      raiseFault(careful);
      return Short.toUnsignedInt(value);
    } catch (InternalError | RuntimeException e) {
      throw because(e, offset, Short.BYTES);
    }
  }

  /**
   * Reads 32 bits.
   *
   * @param offset in bytes from the first register; its address is a multiple of 4
   * @return the bits; {@link Integer#toUnsignedLong} where the highest counts
   * @throws IllegalArgumentException if it is not aligned; see {@link #read8} for the rest
   */
  public int read32(long offset) {
    try {
      int value = (int) INT.getAcquire(registers, offset);
      raiseFault(careful);
      return value;
    } catch (InternalError | RuntimeException e) {
      throw because(e, offset, Integer.BYTES);
    }
  }

  /**
   * Reads 64 bits.
   *
   * @param offset in bytes from the first register; its address is a multiple of 8
   * @throws IllegalArgumentException if it is not aligned; see {@link #read8} for the rest
   */
  public long read64(long offset) {
    try {
      long value = (long) LONG.getAcquire(registers, offset);
      raiseFault(careful);
      return value;
    } catch (InternalError | RuntimeException e) {
      throw because(e, offset, Long.BYTES);
    }
  }

  /**
   * Writes 8 bits.
   *
   * @param offset in bytes from the first register
   * @param value its low 8 bits are written
   * @throws MemremapException {@code EACCES} if the registers can only be read; see {@link #read8}
   *     for the rest
   */
  public void write8(long offset, int value) {
    boolean looks = careful;
    if (looks) {
      requireWritable();
    }
    try {
      VarHandle.releaseFence();
      BYTE.set(registers, offset, (byte) value);
      raiseFault(looks);
    } catch (InternalError | RuntimeException e) {
      throw because(e, offset, Byte.BYTES);
    }
  }

  /**
   * Writes 16 bits.
   *
   * @param offset in bytes from the first register; its address is a multiple of 2
   * @param value its low 16 bits are written
   * @throws IllegalArgumentException if it is not aligned; see {@link #write8} for the rest
   */
  public void write16(long offset, int value) {
    boolean looks = careful;
    if (looks) {
      requireWritable();
    }
    try {
      VarHandle.releaseFence();
      SHORT.set(registers, offset, (short) value);
      raiseFault(looks);
    } catch (InternalError | RuntimeException e) {
      throw because(e, offset, Short.BYTES);
    }
  }

  /**
   * Writes 32 bits.
   *
   * @param offset in bytes from the first register; its address is a multiple of 4
   * @throws IllegalArgumentException if it is not aligned; see {@link #write8} for the rest
   */
  public void write32(long offset, int value) {
    boolean looks = careful;
    if (looks) {
      requireWritable();
    }
    try {
      VarHandle.releaseFence();
      INT.set(registers, offset, value);
      raiseFault(looks);
    } catch (InternalError | RuntimeException e) {
      throw because(e, offset, Integer.BYTES);
    }
  }

  /**
   * Writes 64 bits.
   *
   * @param offset in bytes from the first register; its address is a multiple of 8
   * @throws IllegalArgumentException if it is not aligned; see {@link #write8} for the rest
   */
  public void write64(long offset, long value) {
    boolean looks = careful;
    if (looks) {
      requireWritable();
    }
    try {
      VarHandle.releaseFence();
      LONG.set(registers, offset, value);
      raiseFault(looks);
    } catch (InternalError | RuntimeException e) {
      throw because(e, offset, Long.BYTES);
    }
  }

  /** Orders all accesses before it, to any memory, before all accesses after it. */
  public static void fence() {
    VarHandle.fullFence();
  }

  /**
   * Throws the error of an access that met no memory, if there was one.
   *
   * @param looks whether there can be one
   */
  private static void raiseFault(boolean looks) {
    if (looks) {
      int left = rounds;
      do {
        left -= step;
      } while (left > 0);
    }
  }

  /**
   * What an access throws: memory that went away has a name, and an address that is not aligned is
   * the physical one. The JDK refuses that by the address in this process; pages are mapped whole,
   * so the last bits of the two are the same, and looking at both would cost each access a tenth.
   */
  private RuntimeException because(Throwable thrown, long offset, int width) {
    return switch (thrown) {
      case InternalError lost -> SegmentAccess.named(lost, bytes.backing());
      case IllegalArgumentException misaligned ->
          new IllegalArgumentException(
              "0x%x (offset 0x%x) is not a multiple of %d: a register of %d bits is read or written in one access"
                  .formatted(range.start() + offset, offset, width, width * Byte.SIZE),
              misaligned);
      case RuntimeException refused -> AccessErrors.of(refused, this, range, offset, width);
      default -> throw new AssertionError(thrown);
    };
  }

  private void requireWritable() {
    if (registers.isReadOnly()) {
      throw new MemremapException(
          Errno.EACCES,
          Rule.LIB_6,
          "%s can only be read: %s was opened for reading, for want of permission to write"
              .formatted(this, backing()));
    }
  }

  /**
   * Unmaps the registers: {@code iounmap}. A second close does nothing. Closing a {@link
   * #bigEndian()} view closes both.
   */
  @Override
  public void close() {
    StackRoom.touch();
    synchronized (this) {
      if (!closed) {
        region.close(this);
        closed = true;
        unmapped.accept(this);
      }
    }
  }

  /** Returns text such as {@code registers 0xfebd0000-0xfebdffff UC-}. */
  @Override
  public String toString() {
    return "registers %s %s".formatted(range, cacheMode());
  }
}
