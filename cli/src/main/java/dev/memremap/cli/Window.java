// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.IoMemory;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.cli.terminal.UsageException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Mapped bytes that a command reads and writes in little-endian words of one width. */
sealed interface Window extends AutoCloseable {

  /**
   * Reads a word.
   *
   * @param offset of its first byte
   */
  long load(long offset, int widthBits);

  /** Writes a word. */
  void store(long offset, int widthBits, long value);

  /** Every byte, read by words. */
  byte[] bytes(int widthBits);

  /** Writes all bytes, by words. */
  void fill(byte[] bytes, int widthBits);

  /** What the mapping is. */
  CacheMode mode();

  /** Whether it is a slice of the direct map. */
  boolean isDirect();

  /** Throws, before anything is stored, if {@link #persist} would. */
  void requirePersistent();

  /** Returns when all of it is on the media. */
  void persist();

  @Override
  void close();

  /** Memory. */
  record OfMemory(Mapping mapping) implements Window {
    @Override
    public long load(long offset, int widthBits) {
      return mapping.load(offset, widthBits);
    }

    @Override
    public void store(long offset, int widthBits, long value) {
      mapping.store(offset, widthBits, value);
    }

    @Override
    public byte[] bytes(int widthBits) {
      byte[] bytes = new byte[Math.toIntExact(mapping.segment().byteSize())];
      mapping.copyTo(0, MemorySegment.ofArray(bytes));
      return bytes;
    }

    @Override
    public void fill(byte[] bytes, int widthBits) {
      mapping.copyFrom(0, MemorySegment.ofArray(bytes));
    }

    @Override
    public CacheMode mode() {
      return mapping.cacheMode();
    }

    @Override
    public boolean isDirect() {
      return mapping.isDirectMap();
    }

    @Override
    public void requirePersistent() {
      mapping.drain();
    }

    @Override
    public void persist() {
      mapping.persist(0, mapping.range().sizeBytes());
    }

    @Override
    public void close() {
      mapping.close();
    }
  }

  /** Registers, each of which is accessed once. */
  record OfRegisters(IoMemory registers) implements Window {
    @Override
    public long load(long offset, int widthBits) {
      return switch (widthBits) {
        case 8 -> registers.read8(offset);
        case 16 -> registers.read16(offset);
        case 32 -> Integer.toUnsignedLong(registers.read32(offset));
        default -> registers.read64(offset);
      };
    }

    @Override
    public void store(long offset, int widthBits, long value) {
      switch (widthBits) {
        case 8 -> registers.write8(offset, (int) value);
        case 16 -> registers.write16(offset, (int) value);
        case 32 -> registers.write32(offset, (int) value);
        default -> registers.write64(offset, value);
      }
    }

    @Override
    public byte[] bytes(int widthBits) {
      int width = widthBits / Byte.SIZE;
      byte[] bytes = new byte[Math.toIntExact(registers.range().sizeBytes())];
      for (int at = 0; at < bytes.length; at += width) {
        byte[] word = new byte[Long.BYTES];
        little(word).putLong(load(at, widthBits));
        System.arraycopy(word, 0, bytes, at, width);
      }
      return bytes;
    }

    @Override
    public void fill(byte[] bytes, int widthBits) {
      int width = widthBits / Byte.SIZE;
      if (bytes.length % width != 0) {
        throw new UsageException(
            "%d bytes are not a whole number of %d-bit registers; give another --width"
                .formatted(bytes.length, widthBits));
      }
      for (int at = 0; at < bytes.length; at += width) {
        byte[] word = new byte[Long.BYTES];
        System.arraycopy(bytes, at, word, 0, width);
        store(at, widthBits, little(word).getLong());
      }
    }

    private static ByteBuffer little(byte[] word) {
      return ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public CacheMode mode() {
      return registers.cacheMode();
    }

    @Override
    public boolean isDirect() {
      return false;
    }

    @Override
    public void requirePersistent() {
      throw new UnsupportedOperationException(
          "%s holds registers, which nothing keeps; leave --persist out"
              .formatted(registers.backing()));
    }

    @Override
    public void persist() {
      requirePersistent();
    }

    @Override
    public void close() {
      registers.close();
    }
  }
}
