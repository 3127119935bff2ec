// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

/** Shows where a reference counts, for tools. */
public enum Counting {
  /**
   * Platform threads count in their own cells, without an atomic instruction; others in stripes.
   */
  CELLS,
  /** All threads count in stripes, atomically. */
  STRIPES,
  /** All threads count in one word: the reference is in atomic mode, killed or traced. */
  WORD;

  /**
   * Explains why hot references count in {@link #CELLS} in this JVM, or why none does. The first
   * call tries it, which takes about 50 ms. The property {@code dev.memremap.percpu} chooses {@code
   * hot} (the default: cells for references that are taken often), {@code cells} (for every
   * reference at once) or {@code stripes}.
   */
  public static String reason() {
    return FastPath.decision().reason();
  }
}
