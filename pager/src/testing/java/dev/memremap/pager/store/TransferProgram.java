// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.net.URI;

/** A process that copies a store and ends in the middle, as one that is killed does. */
public final class TransferProgram {
  /** Its exit status then. */
  static final int ENDED = 9;

  private TransferProgram() {}

  /** Arguments: from where, to where, how many pages it leaves behind it. */
  public static void main(String[] arguments) throws StoreException {
    long most = Long.parseLong(arguments[2]);
    new StoreTransfer(
            StoreLocation.of(URI.create(arguments[0])),
            StoreLocation.of(URI.create(arguments[1])),
            false)
        .run(
            (step, pages, of) -> {
              if (pages >= most) {
                Runtime.getRuntime().halt(ENDED);
              }
            });
  }
}
