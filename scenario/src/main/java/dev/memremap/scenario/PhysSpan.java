// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

/**
 * A range of physical addresses as a scenario writes it, {@code START+SIZE}: it may be empty or
 * wrap around, for what becomes of such a range is the contract's matter.
 *
 * @param start first address, unsigned
 * @param sizeBytes unsigned, 0 allowed
 */
public record PhysSpan(long start, long sizeBytes) {
  @Override
  public String toString() {
    return "0x" + Long.toHexString(start) + "+0x" + Long.toHexString(sizeBytes);
  }
}
