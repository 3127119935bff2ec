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
    long first = offset & -block;
    long whole = (offset + length - first + block - 1) & -block;
    return file.map(first, whole, arena).asSlice(offset - first, length);
  }
}
