// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Point;
import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.Subject.Probed;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Measures rows, point by point. Within a point it goes round: one fork of everything, in the order
 * of the table, then the next of everything, so that a machine whose speed drifts does so under
 * ours and under the peers alike. What fails or is not here is left out of later rounds.
 *
 * <p>Thread safety: used by one thread.
 */
public final class BenchmarkRun {
  private final List<Comparison> rows;
  private final boolean quick;
  private final PrintStream log;
  private final Ledger ledger = new Ledger();
  private int done;

  /** Hears of each step. */
  @FunctionalInterface
  public interface Progress {
    /**
     * A step begins.
     *
     * @param done how many are done
     * @param now what is measured
     */
    void at(int done, String now);
  }

  /**
   * Of these rows.
   *
   * @param quick one short round, to see that all works
   * @param log where the words of JMH and of failures go; left open
   */
  public BenchmarkRun(List<Comparison> rows, boolean quick, PrintStream log) {
    this.rows = List.copyOf(rows);
    this.quick = quick;
    this.log = log;
  }

  private int rounds(Point point) {
    return quick ? 1 : point.forks();
  }

  /** How many steps there are: a benchmark's fork is one, a program's run is one. */
  public int steps() {
    return byPoint(rows).entrySet().stream()
        .mapToInt(point -> rounds(point.getKey()) * steps(point.getValue()).size())
        .sum();
  }

  /** How many seconds all steps take, about. */
  public double seconds() {
    double seconds = 0;
    for (Map.Entry<Point, List<Comparison>> point : byPoint(rows).entrySet()) {
      for (Object step : steps(point.getValue())) {
        double once =
            step instanceof Probe probe
                ? probe.seconds(quick)
                : quick ? Probe.QUICK_SECONDS : Probe.SECONDS;
        seconds += rounds(point.getKey()) * once;
      }
    }
    return seconds;
  }

  /** Measures. */
  public Report run(Progress progress) throws InterruptedException {
    Surroundings surroundings = Surroundings.here();
    for (Map.Entry<Point, List<Comparison>> point : byPoint(rows).entrySet()) {
      for (int round = 0; round < rounds(point.getKey()); round++) {
        for (Object step : steps(point.getValue())) {
          switch (step) {
            case Benchmarked benchmark -> fork(benchmark, progress);
            case Probe probe -> ask(probe, point.getValue(), progress);
            default -> throw new AssertionError(step);
          }
          done++;
        }
      }
    }
    progress.at(done, "");
    return new Report(surroundings, quick, rows.stream().map(ledger::outcome).toList());
  }

  static Map<Point, List<Comparison>> byPoint(List<Comparison> rows) {
    return rows.stream()
        .collect(Collectors.groupingBy(Comparison::point, LinkedHashMap::new, Collectors.toList()));
  }

  /** Benchmarks and probes of a point, each once, in the order of the table. */
  static SequencedSet<Object> steps(List<Comparison> point) {
    SequencedSet<Object> steps = new LinkedHashSet<>();
    subjects(point)
        .forEach(subject -> steps.add(subject instanceof Probed probed ? probed.probe() : subject));
    return steps;
  }

  private static Stream<Subject> subjects(List<Comparison> point) {
    return point.stream()
        .flatMap(row -> Stream.concat(Stream.of(row.ours()), Stream.ofNullable(row.peer())));
  }

  private void fork(Benchmarked benchmark, Progress progress) {
    if (ledger.isAbsent(benchmark)) {
      return;
    }
    progress.at(done, benchmark.words());
    try {
      ledger.add(benchmark, JmhFork.dimension(), JmhFork.run(benchmark, quick, log));
    } catch (RunnerException e) {
      e.printStackTrace(log);
      ledger.absent(benchmark, new Ledger.Absence(sentence(benchmark.words(), e), true));
    }
  }

  private void ask(Probe probe, List<Comparison> point, Progress progress)
      throws InterruptedException {
    List<Probed> wanted =
        subjects(point)
            .filter(Probed.class::isInstance)
            .map(Probed.class::cast)
            .filter(probed -> probed.probe().equals(probe) && !ledger.isAbsent(probed))
            .distinct()
            .toList();
    if (wanted.isEmpty()) {
      return;
    }
    progress.at(done, probe.name());
    log.println("# " + probe.name());
    try {
      enter(wanted, probe.measure(quick));
    } catch (Probe.NotHere e) {
      log.println(e.getMessage());
      Ledger.Absence absence = new Ledger.Absence(String.valueOf(e.getMessage()), false);
      wanted.forEach(probed -> ledger.absent(probed, absence));
    } catch (IOException | RuntimeException e) {
      e.printStackTrace(log);
      Ledger.Absence absence = new Ledger.Absence(sentence(probe.name(), e), true);
      wanted.forEach(probed -> ledger.absent(probed, absence));
    }
  }

  private void enter(List<Probed> wanted, List<Probe.Figure> figures) throws IOException {
    Map<String, Probe.Figure> byName = new LinkedHashMap<>();
    for (Probe.Figure figure : figures) {
      log.printf("%s: %s %s%n", figure.name(), figure.amount(), figure.unit());
      byName.put(figure.name(), figure);
    }
    List<String> missing = new ArrayList<>();
    for (Probed probed : wanted) {
      Probe.Figure figure = byName.get(probed.figure());
      if (figure == null) {
        missing.add(probed.figure());
      } else {
        ledger.add(probed, figure.unit().dimension(), Cost.Fork.of(figure.cost()));
      }
    }
    if (!missing.isEmpty()) {
      throw new IOException(
          "it gave no figure " + String.join(", ", missing) + ", only " + byName.keySet());
    }
  }

  /** What failed, and the first line of why. */
  static String sentence(String what, Exception failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return what + " failed: " + said.lines().findFirst().orElse("").strip();
  }
}
