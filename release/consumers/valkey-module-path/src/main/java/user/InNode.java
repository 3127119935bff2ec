// SPDX-License-Identifier: Apache-2.0
package user;

import dev.memremap.pager.RemoteMemory;
import dev.memremap.valkey.ValkeyStore;

/** A program in a module that requires a store in a node; its pages leave memory and come back. */
public final class InNode {
  private static final int PAGE = 4096;
  private static final int PAGES = 256;

  private InNode() {}

  public static void main(String[] args) {
    try (RemoteMemory memory =
        RemoteMemory.open(
            ValkeyStore.at(args[0]), (long) PAGES * PAGE, RemoteMemory.resident(32L * PAGE))) {
      for (long page = 0; page < PAGES; page++) {
        memory.putLong(page * PAGE, page + 1);
      }
      memory.flush();
      long sum = 0;
      for (long page = 0; page < PAGES; page++) {
        sum += memory.getLong(page * PAGE);
      }
      System.out.println(sum + " after " + PAGES + " pages came back");
    }
  }
}
