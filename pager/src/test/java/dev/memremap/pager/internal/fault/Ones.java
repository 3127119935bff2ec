// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreLocation;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** All pages are full of ones, and what is written is noted. */
final class Ones implements PageStore {
  private static final int PAGE = 4096;

  final List<Long> written = new ArrayList<>();
  private final long pages;

  Ones(long pages) {
    this.pages = pages;
  }

  @Override
  public int pageBytes() {
    return PAGE;
  }

  @Override
  public long pages() {
    return pages;
  }

  @Override
  public MemorySegment read(long first, int count, MemorySegment room) {
    return room.fill((byte) 1);
  }

  @Override
  public void write(long first, MemorySegment bytes) {
    for (long page = 0; page < bytes.byteSize() / PAGE; page++) {
      written.add(first + page);
    }
  }

  @Override
  public void flush() {}

  @Override
  public StoreLocation snapshot(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
