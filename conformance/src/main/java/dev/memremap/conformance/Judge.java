// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.conformance.generator.Dialect;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.Scenario;

/**
 * Gives the right answers: a real kernel.
 *
 * <p>Thread safety: implementations answer one scenario at a time.
 */
public interface Judge extends AutoCloseable {
  /** Which kernel it is. */
  Kernel kernel();

  /** What of the language it can be asked. */
  Dialect dialect();

  /**
   * Carries a scenario out, and undoes it.
   *
   * @return an answer for each operation
   * @throws GuestException if the kernel did not survive it, or cannot be booted
   * @throws InterruptedException if this thread was interrupted
   */
  Answers answer(Scenario scenario) throws InterruptedException;

  @Override
  void close();
}
