// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import java.util.List;
import java.util.stream.Stream;

/**
 * Tries every step and prints a line for each: {@code ok NAME}, or {@code FAILED NAME: why}. Then
 * it waits to be killed together with the computer it runs on.
 */
public final class Inside {
  /** The line that tells the host that every step was tried. */
  public static final String ENDED = "every step was tried";

  private Inside() {}

  /** Every step, in the order in which they run. */
  public static List<Step> steps() {
    return Stream.of(
            RefusalSteps.all(),
            BarSteps.all(),
            AnyonesSteps.all(),
            PersistentSteps.all(),
            DevMemSteps.all(),
            PageMapSteps.all(),
            UioSteps.all(),
            RemovalSteps.all(),
            PersistentSteps.beforeTheEnd())
        .flatMap(List::stream)
        .toList();
  }

  /** Tries them. */
  public static void main(String[] arguments) throws InterruptedException {
    for (Step step : steps()) {
      try {
        step.body().run();
        System.out.println("ok " + step.name());
      } catch (Exception | Error e) {
        System.out.println("FAILED " + step.name() + ": " + e);
        e.printStackTrace(System.out);
      }
    }
    System.out.println(ENDED);
    Thread.sleep(Long.MAX_VALUE);
  }
}
