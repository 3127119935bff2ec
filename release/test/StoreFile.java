// SPDX-License-Identifier: Apache-2.0

import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.PageStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Makes the file of a store, or reads it: java StoreFile.java make|read FILE. */
final class StoreFile {
  private static final int PAGE = 4096;
  private static final int PAGES = 300;

  public static void main(String[] args) throws Exception {
    boolean makes = args[0].equals("make");
    MemorySegment room = Arena.ofAuto().allocate(PAGE);
    long right = 0;
    try (PageStore store = FileStore.at(Path.of(args[1])).open(PAGES, PAGE)) {
      for (long page = 0; page < PAGES; page++) {
        byte wanted = (byte) (page % 3 == 0 ? 0 : page % 251 + 1);
        if (makes && wanted != 0) {
          store.write(page, room.fill(wanted));
        } else if (!makes) {
          MemorySegment found = store.read(page, 1, room).asSlice(0, PAGE);
          right += found.mismatch(Arena.ofAuto().allocate(PAGE).fill(wanted)) < 0 ? 1 : 0;
        }
      }
      store.flush();
    }
    System.out.println(makes ? "made" : right + " pages of " + PAGES + " are right");
  }
}
