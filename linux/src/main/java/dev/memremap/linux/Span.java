// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A range of a file that begins and ends anywhere, mapped by the whole blocks around it.
 *
 * <p>Thread safety: immutable.
 *
 * @param offset of the first byte in the file
 * @param length in bytes
 * @param block what the file's kind demands offsets and lengths to be multiples of, a power of two
 */
record Span(long offset, long length, long block) {

  /** Maps it. */
  MemorySegment in(Posix.Descriptor file, Arena arena) throws ErrnoException {
    return part(file.map(firstBlock(), wholeBlocks(), arena));
  }

  /** Maps it with {@code MAP_SYNC}. */
  MemorySegment syncIn(Posix.Descriptor file, Arena arena) throws ErrnoException {
    return part(file.mapSync(firstBlock(), wholeBlocks(), arena));
  }

  private long firstBlock() {
    return offset & -block;
  }

  private long wholeBlocks() {
    return (offset + length - firstBlock() + block - 1) & -block;
  }

  private MemorySegment part(MemorySegment blocks) {
    return blocks.asSlice(offset - firstBlock(), length);
  }
}
