// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

/**
 * Registers whose highest byte comes first. A class of its own, so that an access of a JVM that has
 * no such device asks nothing about the order.
 *
 * <p>Thread safety: as {@link IoMemory}.
 */
final class BigEndianIoMemory extends IoMemory {
  private final IoMemory littleEndian;

  BigEndianIoMemory(IoMemory littleEndian) {
    super(littleEndian);
    this.littleEndian = littleEndian;
  }

  @Override
  public IoMemory bigEndian() {
    return this;
  }

  @Override
  public int read16(long offset) {
    return Short.toUnsignedInt(Short.reverseBytes((short) super.read16(offset)));
  }

  @Override
  public int read32(long offset) {
    return Integer.reverseBytes(super.read32(offset));
  }

  @Override
  public long read64(long offset) {
    return Long.reverseBytes(super.read64(offset));
  }

  @Override
  public void write16(long offset, int value) {
    super.write16(offset, Short.reverseBytes((short) value));
  }

  @Override
  public void write32(long offset, int value) {
    super.write32(offset, Integer.reverseBytes(value));
  }

  @Override
  public void write64(long offset, long value) {
    super.write64(offset, Long.reverseBytes(value));
  }

  /** Both, for they are one mapping. */
  @Override
  public void close() {
    littleEndian.close();
  }
}
