// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Runs a property many times, each with its own seed, which a failure names. */
final class Seeds {
  /** A property of what a generator makes. */
  interface Property {
    void check(RandomGenerator random) throws Exception;
  }

  private static final long FIRST = Long.getLong("dev.memremap.test.seed", 20_260_401L);

  private Seeds() {}

  /**
   * Checks a property.
   *
   * @param times how often; with {@code -Ddev.memremap.test.seed=N} the first is that of a failure
   */
  static void check(int times, Property property) {
    for (long seed = FIRST; seed < FIRST + times; seed++) {
      try {
        property.check(new SplittableRandom(seed));
      } catch (AssertionError | Exception e) {
        throw new AssertionError("-Ddev.memremap.test.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
