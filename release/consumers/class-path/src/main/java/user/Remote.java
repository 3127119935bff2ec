// SPDX-License-Identifier: Apache-2.0
package user;

import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.store.FileStore;
import java.nio.file.Path;

/** A program with the pager on its class path; its pages leave memory and come back. */
public final class Remote {
  private static final int PAGE = 4096;
  private static final int PAGES = 256;

  private Remote() {}

  public static void main(String[] args) {
    try (RemoteMemory memory =
        RemoteMemory.open(
            FileStore.at(Path.of(args[0])),
            (long) PAGES * PAGE,
            RemoteMemory.resident(32L * PAGE))) {
      for (long page = 0; page < PAGES; page++) {
        memory.putLong(page * PAGE, page);
      }
      long sum = 0;
      for (long page = 0; page < PAGES; page++) {
        sum += memory.getLong(page * PAGE);
      }
      System.out.println(sum + " after " + PAGES + " pages came back");
    }
  }
}
