// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Pages whose bytes say which page they are, and the how manieth that was written there. */
public final class MarkedPages {
  private MarkedPages() {}

  /** Fills a page with bytes that no other page or version has anywhere. */
  public static void fill(MemorySegment room, long page, long version) {
    room.set(JAVA_LONG, 0, version);
    for (long at = Long.BYTES; at < room.byteSize(); at += Long.BYTES) {
      room.set(JAVA_LONG, at, mixed(page, version, at));
    }
  }

  /** Fills pages beside each other. */
  public static void fill(MemorySegment room, int pageBytes, long first, long version) {
    for (long i = 0; i < room.byteSize() / pageBytes; i++) {
      fill(room.asSlice(i * pageBytes, pageBytes), first + i, version);
    }
  }

  /**
   * The version of a page; 0 if it is zeros.
   *
   * @throws AssertionError if it is not wholly this page's, and of one version
   */
  public static long version(MemorySegment bytes, long page) {
    long version = bytes.get(JAVA_LONG, 0);
    for (long at = Long.BYTES; at < bytes.byteSize(); at += Long.BYTES) {
      long expected = version == 0 ? 0 : mixed(page, version, at);
      if (bytes.get(JAVA_LONG, at) != expected) {
        throw new AssertionError(
            "page %d is torn: it begins with version %d, and byte %d is another's"
                .formatted(page, version, at));
      }
    }
    return version;
  }

  private static long mixed(long page, long version, long at) {
    long mixed = (page * 31 + version) * 0x9e3779b97f4a7c15L + at * 0xd1b54a32d192ed03L;
    return (mixed ^ (mixed >>> 29)) * 0xbf58476d1ce4e5b9L;
  }
}
