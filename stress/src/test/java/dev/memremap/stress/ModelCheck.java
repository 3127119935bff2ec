// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Checks a model: Lincheck draws scenarios of two threads from the model's operations, runs each
 * with many different switches between the threads, and looks whether what the operations answered
 * is what they answer one after the other. Its draws are the same in every run.
 *
 * <p>It knows each read and write of a field, each atomic operation and each lock as a place to
 * switch threads. It runs them in order, so it finds what a lost compare-and-set or lock does, and
 * not what a weaker memory order does; {@code ChangesAreSeen} looks for that.
 */
final class ModelCheck {
  /** Exit status of {@link #main} where the model does not hold. */
  static final int BROKEN = 3;

  private static final int LONGEST_LOOP = 10_000;
  private static final long HOUR_MILLIS = 3_600_000;
  private static final int SCENARIOS = Integer.getInteger("dev.memremap.models.scenarios", 6);
  private static final int RUNS = Integer.getInteger("dev.memremap.models.runs", 100);

  private ModelCheck() {}

  /**
   * Checks one.
   *
   * @throws LincheckAssertionError showing a run that broke it
   */
  static void of(Class<?> model) {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .iterations(SCENARIOS)
            .invocationsPerIteration(RUNS)
            .threads(2)
            .actorsBefore(2)
            .actorsPerThread(2)
            .actorsAfter(1)
            // a loop over a node of the table of page maps is long, and no livelock
            .loopBound(LONGEST_LOOP);
    // what a collection does inside is its own affair, and a formatter's steps are beyond number
    options.analyzeStdLib$lincheck(false);
    // a busy machine is slow, and not hung; a deadlock is found without this limit
    options.invocationTimeout$lincheck(HOUR_MILLIS);
    options.check(model);
  }

  /** Checks one in a JVM of its own, whose class path may hold changed classes. */
  public static void main(String[] args) throws ClassNotFoundException {
    try {
      of(Class.forName(args[0]));
    } catch (LincheckAssertionError broken) {
      System.out.println(broken.getMessage());
      System.exit(BROKEN);
    }
  }
}
