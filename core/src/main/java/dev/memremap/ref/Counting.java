// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

/** Where a reference counts, for tools. */
public enum Counting {
  /** Platform threads in cells of their own, without an atomic instruction; others in stripes. */
  CELLS,
  /** All threads in stripes, atomically. */
  STRIPES,
  /** All threads in one word: the reference is in atomic mode, killed or traced. */
  WORD;

  /**
   * Why references that are taken often count in {@link #CELLS} in this JVM, or why none does.
   * Finds it out if nobody did before, which takes some 50 ms. The property {@code
   * dev.memremap.percpu} says {@code hot} (the default), {@code cells} (for every reference at
   * once) or {@code stripes}.
   */
  public static String reason() {
    return FastPath.decision().reason();
  }
}
