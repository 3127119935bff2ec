// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import java.lang.foreign.MemorySegment;

/**
 * The file system writes a file's pages back: enough wherever a file lies on a media that keeps its
 * bytes, DAX or not, and slower than writing caches back without asking it.
 *
 * <p>Thread safety: immutable.
 *
 * @param posix the system
 * @param path the file, for a sentence
 */
record Msync(Posix posix, String path) implements Flusher {
  @Override
  public void persist(MemorySegment segment, long offset, long length) throws ErrnoException {
    posix.msync(path, segment, offset, length);
  }

  /** Nothing is on its way: each persist has waited. */
  @Override
  public void drain() {}
}
