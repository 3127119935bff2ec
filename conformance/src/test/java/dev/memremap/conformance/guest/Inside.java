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

  /** System property: for how many milliseconds a step waits for something at most. */
  public static final String LIMIT_MILLIS = "dev.memremap.guest.step.millis";

  private Inside() {}

  /** The argument with which only what needs no privilege is tried, and the end not waited for. */
  public static final String UNPRIVILEGED = "unprivileged";

  /** Every step of both runs, in the order in which they run. */
  public static List<Step> steps() {
    return Stream.of(UnprivilegedSteps.all(), privileged()).flatMap(List::stream).toList();
  }

  private static List<Step> privileged() {
    return Stream.of(
            RefusalSteps.all(),
            BarSteps.all(),
            SmallBarSteps.all(),
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
    boolean unprivileged = List.of(arguments).contains(UNPRIVILEGED);
    for (Step step : unprivileged ? UnprivilegedSteps.all() : privileged()) {
      try {
        step.body().run();
        System.out.println("ok " + step.name());
      } catch (Exception | Error e) {
        System.out.println("FAILED " + step.name() + ": " + e);
        e.printStackTrace(System.out);
      }
    }
    if (!unprivileged) {
      System.out.println(ENDED);
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
