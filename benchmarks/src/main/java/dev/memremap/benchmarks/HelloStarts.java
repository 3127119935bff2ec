// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a JVM that only says hello, and times each process from its start to its end.
 *
 * <p>Thread safety: immutable.
 */
record HelloStarts() implements Probe {
  /** The median. */
  static final String HELLO = "hello";

  /** The floor of every command in Java. */
  static final class Hello {
    private Hello() {}

    /** Says hello. */
    public static void main(String[] args) {
      System.out.println("hello");
    }
  }

  @Override
  public String name() {
    return "HelloStarts";
  }

  @Override
  public List<Figure> measure(boolean quick) throws IOException, InterruptedException {
    List<String> hello =
        List.of(
            ChildJvm.JAVA,
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-cp",
            Hello.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
            Hello.class.getName());
    List<Double> took = new ArrayList<>();
    // the first warms the disk's cache
    for (int i = -1; i < WarmStarts.runs(quick); i++) {
      double nanoseconds = WarmStarts.nanoseconds(new ProcessBuilder(hello));
      if (i >= 0) {
        took.add(nanoseconds);
      }
    }
    return List.of(new Figure(HELLO, WarmStarts.median(took), Unit.NANOSECONDS));
  }
}
