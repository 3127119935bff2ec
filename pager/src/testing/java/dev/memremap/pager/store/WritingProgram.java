// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * A second process at a store: it writes each page as a version, and ends without closing the
 * store, or says why it does not get that far.
 */
public final class WritingProgram {
  private WritingProgram() {}

  /** Arguments: the location, how many pages, the bytes of a page, the version. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    long pages = Long.parseLong(arguments[1]);
    int pageBytes = Integer.parseInt(arguments[2]);
    try {
      PageStore store = StoreLocation.of(URI.create(arguments[0])).open(pages, pageBytes);
      MemorySegment page = Arena.ofAuto().allocate(pageBytes);
      for (long i = 0; i < pages; i++) {
        MarkedPages.fill(page, i, Long.parseLong(arguments[3]));
        store.write(i, page);
      }
      out.println("written");
    } catch (StoreException e) {
      out.println(e.kind() + " " + e.getMessage());
    }
    Runtime.getRuntime().halt(0);
  }
}
