// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Scene;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * What is shown: a machine, the steps of a run, or the machines of another JVM.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public interface Subject extends AutoCloseable {
  /** Returns what pages call it. */
  String name();

  /** Returns the operations of a run; none without a run. */
  List<Step> steps();

  /** Returns its machines, the first one first; none if it has none now. */
  List<MachineName> machines();

  /**
   * Returns the picture of a machine.
   *
   * @throws IllegalArgumentException if it has no such machine or step; the message is a sentence
   */
  Scene scene(Place place);

  /**
   * Asks a machine that is as the place says.
   *
   * @throws IllegalArgumentException if it has no such machine or step; the message is a sentence
   */
  <T> T ask(Place place, Function<Machine, T> question);

  /** Returns what is known of it now. */
  Pulse pulse();

  /**
   * Returns what is known of it, as soon as that is something else than what was told, or after so
   * long.
   */
  default Pulse next(Pulse told, Duration patience) throws InterruptedException {
    Thread.sleep(patience);
    return pulse();
  }

  /** Ends what the subject needs. */
  @Override
  void close();

  /**
   * A machine of the subject.
   *
   * @param id names it in addresses of pages
   * @param words what pages call it
   */
  record MachineName(String id, String words) {}
}
