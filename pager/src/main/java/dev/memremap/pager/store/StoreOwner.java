// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

/**
 * For whom a store is opened. A remote memory is one owner for as long as it is open: its workers
 * open the store one after another, as each is killed or ends, and none of them may meet a store
 * that is not the one which the memory had.
 *
 * @param number the owner's own, drawn at random and above 0; 0 for one that says nothing of
 *     itself, such as a program that opens a store directly
 * @param again whether this owner has had the store open before, and relies on what is in it
 * @param mark what {@link PageStore#mark} said when the owner opened it first; empty if it has not,
 *     or the store has no mark
 */
public record StoreOwner(long number, boolean again, String mark) {
  private static final StoreOwner UNNAMED = new StoreOwner(0, false, "");

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is negative, or 0 for an owner that opens a store again
   */
  public StoreOwner {
    if (number < 0 || (again && number == 0)) {
      throw new IllegalArgumentException(
          "an owner of number %d: give one above 0, so that a store can tell owners apart"
              .formatted(number));
    }
  }

  /** Returns one that says nothing of itself. */
  public static StoreOwner unnamed() {
    return UNNAMED;
  }

  /** Returns one that has not had the store before. */
  public static StoreOwner first(long number) {
    return new StoreOwner(number, false, "");
  }

  /** Returns one that has had the store before. */
  public static StoreOwner again(long number, String mark) {
    return new StoreOwner(number, true, mark);
  }
}
