// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

/** A pin; two of the same pages are two. */
final class PinnedRange implements Pin {
  private final RemoteMemory memory;
  private final int first;
  private final int count;

  /**
   * @param first the first page
   * @param count how many
   */
  PinnedRange(RemoteMemory memory, int first, int count) {
    this.memory = memory;
    this.first = first;
    this.count = count;
  }

  int first() {
    return first;
  }

  int count() {
    return count;
  }

  @Override
  public long offset() {
    return (long) first * memory.pageBytes();
  }

  @Override
  public long bytes() {
    return (long) count * memory.pageBytes();
  }

  @Override
  public void close() {
    memory.unpin(this);
  }

  @Override
  public String toString() {
    return "pin of %,d bytes at %,d".formatted(bytes(), offset());
  }
}
