// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A store that takes one page otherwise than it was written.
 *
 * @param of has all the others
 * @param page its number
 */
record ForgetfulStore(PageStore of, long page) implements PageStore {
  @Override
  public int pageBytes() {
    return of.pageBytes();
  }

  @Override
  public long pages() {
    return of.pages();
  }

  @Override
  public MemorySegment read(long first, int count, MemorySegment room) throws StoreException {
    return of.read(first, count, room);
  }

  @Override
  public void write(long first, MemorySegment bytes) throws StoreException {
    long at = (page - first) * pageBytes();
    if (at < 0 || at >= bytes.byteSize()) {
      of.write(first, bytes);
      return;
    }
    try (Arena arena = Arena.ofShared()) {
      MemorySegment other = arena.allocate(bytes.byteSize()).copyFrom(bytes);
      MarkedPages.fill(other.asSlice(at, pageBytes()), page, Long.MAX_VALUE);
      of.write(first, other);
    }
  }

  @Override
  public void flush() throws StoreException {
    of.flush();
  }

  @Override
  public long nextWritten(long from) throws StoreException {
    return of.nextWritten(from);
  }

  @Override
  public void close() {
    of.close();
  }
}
