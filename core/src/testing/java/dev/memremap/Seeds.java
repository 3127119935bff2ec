// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Where tests get their seeds. Each failure names the seed it was drawn with, as the option that
 * draws it again: {@code -Ddev.memremap.seed=N}.
 */
public final class Seeds {
  /** A property of what a generator makes. */
  public interface Property {
    void check(RandomGenerator random) throws Exception;
  }

  private static final String OPTION = "dev.memremap.seed";
  private static final long FIRST = 20_260_401L;

  private Seeds() {}

  /**
   * Checks a property many times, each with its own seed; the seeds are the same in every run
   * unless the option says where they begin.
   */
  public static void check(int times, Property property) {
    long first = Long.getLong(OPTION, FIRST);
    for (long seed = first; seed < first + times; seed++) {
      check(seed, property);
    }
  }

  /** Checks a property once, with a seed that differs from run to run and is printed. */
  public static void checkFresh(Property property) {
    check(fresh(), property);
  }

  /** A seed that differs from run to run and is printed. */
  public static long fresh() {
    long seed = Long.getLong(OPTION, System.nanoTime());
    String test =
        StackWalker.getInstance()
            .walk(frames -> frames.dropWhile(Seeds::isHere).findFirst().orElseThrow())
            .getClassName();
    System.out.printf("%s draws with %s%n", test, option(seed));
    return seed;
  }

  private static boolean isHere(StackWalker.StackFrame frame) {
    return frame.getClassName().equals(Seeds.class.getName());
  }

  /** The option that draws the same again. */
  public static String option(long seed) {
    return "-D%s=%d".formatted(OPTION, seed);
  }

  /** Checks a property once, with this seed. */
  public static void check(long seed, Property property) {
    try {
      property.check(new SplittableRandom(seed));
    } catch (AssertionError | Exception e) {
      throw new AssertionError(option(seed) + ": " + e.getMessage(), e);
    }
  }
}
