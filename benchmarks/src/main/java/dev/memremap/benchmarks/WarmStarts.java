// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Starts {@code memremap iomem} through the launcher, with its AOT cache and without, and a JVM
 * that only says hello, in turn, and times each process from its start to its end.
 *
 * <p>Thread safety: immutable.
 */
record WarmStarts() implements Probe {
  /** The median with the AOT cache. */
  static final String CACHED = "iomem with the AOT cache";

  /** The median of the same without it. */
  static final String UNCACHED = "iomem without the AOT cache";

  /** The median of a JVM's that says hello. */
  static final String HELLO = "hello";

  private static final String LAUNCHER = "MEMREMAP_LAUNCHER";
  private static final int RUNS = 20;
  private static final int QUICK_RUNS = 1;

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
    return "WarmStarts";
  }

  @Override
  public List<Figure> measure(boolean quick) throws NotHere, IOException, InterruptedException {
    String launcher = System.getenv(LAUNCHER);
    if (launcher == null) {
      throw new NotHere("the launcher's start is measured; run bench by ./memremap-dev bench");
    }
    List<String> iomem = List.of(launcher, "iomem");
    List<String> hello =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-cp",
            Hello.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
            Hello.class.getName());
    int runs = quick ? QUICK_RUNS : RUNS;
    double[] cached = new double[runs];
    double[] uncached = new double[runs];
    double[] said = new double[runs];
    // the first start builds the command if it must
    nanoseconds(List.of(launcher, "--version"), "off");
    // the first of each warms the disk's cache
    for (int i = -1; i < runs; i++) {
      double[] took = {
        nanoseconds(iomem, "on"), nanoseconds(iomem, "off"), nanoseconds(hello, "off")
      };
      if (i >= 0) {
        cached[i] = took[0];
        uncached[i] = took[1];
        said[i] = took[2];
      }
    }
    return List.of(
        new Figure(CACHED, median(cached), Unit.NANOSECONDS),
        new Figure(UNCACHED, median(uncached), Unit.NANOSECONDS),
        new Figure(HELLO, median(said), Unit.NANOSECONDS));
  }

  /** With AOTMode=on, a start that cannot have the cache fails. */
  private static double nanoseconds(List<String> command, String cache)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    Map<String, String> environment = builder.environment();
    environment
        .keySet()
        .removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    environment.put("MEMREMAP_AOT", cache);
    if (cache.equals("on")) {
      environment.put("_JAVA_OPTIONS", "-XX:AOTMode=on");
    }
    long start = System.nanoTime();
    int status = ChildJvm.start(builder).waitFor();
    long end = System.nanoTime();
    if (status != 0) {
      throw new IOException("%s ended with status %d".formatted(command, status));
    }
    return end - start;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
