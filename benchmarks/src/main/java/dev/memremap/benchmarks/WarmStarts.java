// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Starts {@code memremap} with some words through a launcher, and times each process from its start
 * to its end: with its AOT cache and without in turn, or that of two versions in turn.
 *
 * <p>Thread safety: immutable.
 *
 * @param words what follows {@code memremap}; {@link #MACHINE} stands for the file of a machine
 */
public record WarmStarts(List<String> words) implements Probe {
  /** A machine file of this version's examples, whichever version reads it. */
  public static final String MACHINE = "MACHINE";

  /** The median with the AOT cache. */
  static final String CACHED = "with the AOT cache";

  /** The median of the same without it. */
  static final String UNCACHED = "without the AOT cache";

  private static final int RUNS = 12;

  private static final int QUICK_RUNS = 1;

  /** Copies what it is given. */
  public WarmStarts {
    words = List.copyOf(words);
  }

  /** Of these words. */
  public static WarmStarts of(String... words) {
    return new WarmStarts(List.of(words));
  }

  /** The figure that rows show, and that two versions are compared by. */
  public Subject cached() {
    return new Subject.Probed(this, CACHED);
  }

  /** The same without the cache. */
  Subject uncached() {
    return new Subject.Probed(this, UNCACHED);
  }

  @Override
  public String name() {
    return "memremap " + words.getFirst();
  }

  /**
   * The launcher of this version.
   *
   * @throws NotHere if these classes were not started by one
   */
  public static Path launcher() throws NotHere {
    String launcher = System.getenv("MEMREMAP_LAUNCHER");
    if (launcher == null) {
      throw new NotHere("the launcher's start is measured; run bench by ./memremap-dev bench");
    }
    return Path.of(launcher);
  }

  @Override
  public List<Figure> measure(boolean quick) throws NotHere, IOException, InterruptedException {
    Path launcher = launcher();
    List<String> command = command(launcher, launcher);
    // the first start builds the command if it must
    nanoseconds(List.of(launcher.toString(), "--version"), "off");
    List<Double> cached = new ArrayList<>();
    List<Double> uncached = new ArrayList<>();
    // the first of each warms the disk's cache
    for (int i = -1; i < runs(quick); i++) {
      double with = nanoseconds(command, "on");
      double without = nanoseconds(command, "off");
      if (i >= 0) {
        cached.add(with);
        uncached.add(without);
      }
    }
    return List.of(
        new Figure(CACHED, median(cached), Unit.NANOSECONDS),
        new Figure(UNCACHED, median(uncached), Unit.NANOSECONDS));
  }

  /**
   * What starts of two versions took, in nanoseconds: as many of each, one by one.
   *
   * @param here of this version
   * @param there of the other
   */
  public record Pairs(List<Double> here, List<Double> there) {
    /** Copies what it is given. */
    public Pairs {
      here = List.copyOf(here);
      there = List.copyOf(there);
    }
  }

  /** The other version's command does not do it. */
  public static final class NotThere extends Exception {
    private static final long serialVersionUID = 1;

    /**
     * With what it said.
     *
     * @param sentence without a final full stop
     */
    public NotThere(String sentence) {
      super(sentence);
    }
  }

  /**
   * Starts the command of two versions in turn, each with its AOT cache. Which of the two goes
   * first changes from pair to pair.
   *
   * @param here the launcher of this version
   * @param there that of the other
   * @param hereFirst who begins
   * @param quick whether it is enough to see that it works
   * @throws NotThere if the command there ends with another status than 0
   */
  public Pairs inTurn(Path here, Path there, boolean hereFirst, boolean quick)
      throws NotThere, IOException, InterruptedException {
    List<String> ours = command(here, here);
    List<String> theirs = command(there, here);
    for (Path launcher : List.of(here, there)) {
      nanoseconds(List.of(launcher.toString(), "--version"), "off");
    }
    requireThere(theirs);
    List<Double> hereTook = new ArrayList<>();
    List<Double> thereTook = new ArrayList<>();
    boolean isHere = hereFirst;
    // the first of each warms the disk's cache
    for (int i = -1; i < runs(quick); i++) {
      double first = nanoseconds(isHere ? ours : theirs, "on");
      double second = nanoseconds(isHere ? theirs : ours, "on");
      if (i >= 0) {
        hereTook.add(isHere ? first : second);
        thereTook.add(isHere ? second : first);
      }
      isHere = !isHere;
    }
    return new Pairs(hereTook, thereTook);
  }

  /** How many starts a fork has that are counted. */
  static int runs(boolean quick) {
    return quick ? QUICK_RUNS : RUNS;
  }

  private List<String> command(Path launcher, Path here) {
    String machine = here.resolveSibling("examples/machines/qemu-2g.iomem").toString();
    return Stream.concat(
            Stream.of(launcher.toString()),
            words.stream().map(word -> word.equals(MACHINE) ? machine : word))
        .toList();
  }

  private void requireThere(List<String> command)
      throws NotThere, IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(OPTIONS);
    Process process = ChildJvm.start(builder);
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status != 0) {
      throw new NotThere(
          "there, '%s' ends with status %d: %s"
              .formatted(name(), status, said.lines().findFirst().orElse("")));
    }
  }

  private static final List<String> OPTIONS =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** With AOTMode=on, a start that cannot have the cache fails. */
  private static double nanoseconds(List<String> command, String cache)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeAll(OPTIONS);
    environment.put("MEMREMAP_AOT", cache);
    if (cache.equals("on")) {
      environment.put("_JAVA_OPTIONS", "-XX:AOTMode=on");
    }
    return nanoseconds(builder);
  }

  /** From the start of a process, whose output is dropped, to its end. */
  static double nanoseconds(ProcessBuilder builder) throws IOException, InterruptedException {
    builder
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD);
    long start = System.nanoTime();
    int status = ChildJvm.start(builder).waitFor();
    long end = System.nanoTime();
    if (status != 0) {
      throw new IOException("%s ended with status %d".formatted(builder.command(), status));
    }
    return end - start;
  }

  /** The middle one of some costs; between the two in the middle if their number is even. */
  public static double median(List<Double> costs) {
    double[] sorted = costs.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
