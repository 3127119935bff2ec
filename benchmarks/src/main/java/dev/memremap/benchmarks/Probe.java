// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.io.IOException;
import java.util.List;

/**
 * Takes figures that JMH cannot take: of whole processes, of resident memory, of a kernel. It is
 * asked once for each fork, in a round with the benchmarks of its point.
 *
 * <p>Thread safety: asked by one thread.
 */
public interface Probe {
  /** How many seconds one takes that says nothing of it, as a fork of a benchmark does. */
  double SECONDS = 9;

  /** As many, where it is enough to see that it works. */
  double QUICK_SECONDS = 1.5;

  /**
   * One cost that was measured.
   *
   * @param name as rows name it
   * @param amount how much, less being better
   * @param unit of what
   */
  record Figure(String name, double amount, Unit unit) {
    /** In the smallest unit of its dimension. */
    public double cost() {
      return unit.toBase(amount);
    }
  }

  /** What it is called in lists and errors; unique. */
  String name();

  /**
   * Measures once.
   *
   * @param quick whether it is enough to see that it works
   * @return the figures; every figure that a row names is among them
   * @throws NotHere if this computer lacks what is measured; its rows say so, and all is well
   * @throws IOException if it went wrong
   */
  List<Figure> measure(boolean quick) throws NotHere, IOException, InterruptedException;

  /** How many seconds that takes, about. */
  default double seconds(boolean quick) {
    return quick ? QUICK_SECONDS : SECONDS;
  }

  /** This computer lacks what would be measured. */
  final class NotHere extends Exception {
    private static final long serialVersionUID = 1;

    /**
     * With the reason.
     *
     * @param sentence what is missing, and what to do
     */
    public NotHere(String sentence) {
      super(sentence);
    }
  }
}
