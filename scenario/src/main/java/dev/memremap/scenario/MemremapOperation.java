// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.List;

/** Operations on mappings, and the question that decides what a mapping is. */
public sealed interface MemremapOperation extends Operation {

  /**
   * {@code region START SIZE}: region_intersects with System RAM.
   *
   * @param start physical address, unsigned
   * @param sizeBytes unsigned, 0 allowed
   */
  record Region(int line, long start, long sizeBytes) implements MemremapOperation {
    @Override
    public List<String> names() {
      return List.of();
    }
  }

  /**
   * {@code memremap NAME OFFSET SIZE FLAGS}.
   *
   * @param offset physical address, unsigned
   * @param sizeBytes unsigned, 0 allowed
   * @param flags {@code WB WT WC ENC DEC} as the bits 1, 2, 4, 8, 16; others are passed on
   */
  record Memremap(int line, String name, long offset, long sizeBytes, long flags)
      implements MemremapOperation {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /** {@code memunmap NAME}. */
  record Memunmap(int line, String name) implements MemremapOperation {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /**
   * {@code load NAME OFFSET WIDTH}, little-endian.
   *
   * @param offset bytes from the mapping's first, unsigned
   * @param widthBits 8, 16, 32 or 64
   */
  record Load(int line, String name, long offset, int widthBits) implements MemremapOperation {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /**
   * {@code store NAME OFFSET WIDTH VALUE}, little-endian.
   *
   * @param offset bytes from the mapping's first, unsigned
   * @param widthBits 8, 16, 32 or 64
   * @param value what is wider than the width is cut
   */
  record Store(int line, String name, long offset, int widthBits, long value)
      implements MemremapOperation {
    @Override
    public List<String> names() {
      return List.of(name);
    }
  }
}
