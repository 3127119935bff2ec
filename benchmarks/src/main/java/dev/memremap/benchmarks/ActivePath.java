// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;

/** The path by which a measured reference counts; a figure is valid only for the path it names. */
final class ActivePath {
  private ActivePath() {}

  /**
   * Prints the path.
   *
   * @throws IllegalStateException if it is not the one that was meant
   */
  static void require(PercpuRef ref, Counting meant) {
    System.out.printf("# path: %s (%s)%n", ref.counting(), Counting.reason());
    if (ref.counting() != meant) {
      throw new IllegalStateException(
          "this measures references in %s, and they count in %s: %s"
              .formatted(meant, ref.counting(), Counting.reason()));
    }
  }
}
