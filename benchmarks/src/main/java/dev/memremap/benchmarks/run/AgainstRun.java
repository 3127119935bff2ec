// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Point;
import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.Subject.Probed;
import dev.memremap.benchmarks.Unit;
import dev.memremap.benchmarks.WarmStarts;
import dev.memremap.benchmarks.run.Change.Standing;
import dev.memremap.benchmarks.version.Version;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * Measures ours of each row in two versions, point by point. Within a point it goes round, as
 * {@link BenchmarkRun} does, and forks everything twice in each round: here and there, one right
 * after the other. Which of the two goes first changes from row to row, and for each row from round
 * to round, so that neither version has the warmer machine. What fails, or is not in the other
 * version, is left out.
 *
 * <p>Thread safety: used by one thread.
 */
public final class AgainstRun {
  private final List<Comparison> rows;
  private final boolean quick;
  private final Forks forks;
  private final Map<Subject, Standing> left = new HashMap<>();
  private final Map<Subject, String> notes = new HashMap<>();
  private final Side here;
  private final Side there;
  private int done;

  /** One version, and what was measured in it. */
  private static final class Side {
    private final Version version;
    private final Ledger ledger = new Ledger();
    private final Map<Subject, String> conditions = new HashMap<>();

    private Side(Version version) {
      this.version = version;
    }
  }

  /**
   * Of these rows. Rows that have the same ours are one row here, the first of them.
   *
   * @param here this version
   * @param there the other
   * @param quick one short round, to see that all works
   * @param forks what measures
   */
  public AgainstRun(
      List<Comparison> rows, Version here, Version there, boolean quick, Forks forks) {
    Map<Subject, Comparison> first = new LinkedHashMap<>();
    rows.forEach(row -> first.putIfAbsent(row.ours(), row.withoutPeer()));
    this.rows = List.copyOf(first.values());
    this.here = new Side(here);
    this.there = new Side(there);
    this.quick = quick;
    this.forks = forks;
    this.rows.forEach(row -> leaveOut(row.ours()));
  }

  /**
   * Whether a row's figure comes from the classes or the launcher of a version, so that two can be
   * compared.
   */
  public static boolean isOfAVersion(Comparison row) {
    return isOfAVersion(row.ours());
  }

  private static boolean isOfAVersion(Subject subject) {
    return !(subject instanceof Probed probed)
        || probed.probe() instanceof Program
        || probed.probe() instanceof WarmStarts;
  }

  /** Whether a row's figure is that of a launcher, which a jar lacks. */
  public static boolean isOfALauncher(Comparison row) {
    return row.ours() instanceof Probed probed && probed.probe() instanceof WarmStarts;
  }

  /** Whether another version has what measures a row. */
  public static boolean isIn(Comparison row, Version there) {
    return isIn(row.ours(), there);
  }

  private static boolean isIn(Subject subject, Version there) {
    return switch (subject) {
      case Benchmarked benchmark -> there.index().benchmark(benchmark).isPresent();
      case Probed probed ->
          !(probed.probe() instanceof Program program)
              || there.index().program(program.main()).isPresent();
    };
  }

  private void leaveOut(Subject subject) {
    if (!isIn(subject, there.version)) {
      leave(subject, Standing.NOT_THERE, "");
    } else if (subject instanceof Probed probed && !isOfAVersion(subject)) {
      leave(
          subject,
          Standing.NOT_COMPARED,
          probed.probe().name() + " measures neither classes nor the launcher of a version");
    }
  }

  private void leave(Subject subject, Standing standing, String note) {
    if (left.putIfAbsent(subject, standing) == null) {
      notes.put(subject, note);
    }
  }

  private int rounds(Point point) {
    return quick ? 1 : point.forks();
  }

  private boolean isMeasured(Object step) {
    return rows.stream().map(Comparison::ours).anyMatch(subject -> belongs(subject, step));
  }

  private boolean belongs(Subject subject, Object step) {
    Object measuredBy = subject instanceof Probed probed ? probed.probe() : subject;
    return !left.containsKey(subject) && measuredBy.equals(step);
  }

  /** How many forks there are, of both versions together. */
  public int steps() {
    return BenchmarkRun.byPoint(rows).entrySet().stream()
        .mapToInt(
            point ->
                2
                    * rounds(point.getKey())
                    * (int)
                        BenchmarkRun.steps(point.getValue()).stream()
                            .filter(this::isMeasured)
                            .count())
        .sum();
  }

  /** Measures. */
  public AgainstReport run(BenchmarkRun.Progress progress) throws InterruptedException {
    Surroundings surroundings = Surroundings.here();
    int all = steps();
    for (Map.Entry<Point, List<Comparison>> point : BenchmarkRun.byPoint(rows).entrySet()) {
      SequencedSet<Object> steps = BenchmarkRun.steps(point.getValue());
      steps.removeIf(step -> !isMeasured(step));
      for (int round = 0; round < rounds(point.getKey()); round++) {
        int turn = round;
        for (Object step : steps) {
          boolean hereFirst = turn++ % 2 == 0;
          if (step instanceof WarmStarts command) {
            start(command, hereFirst, progress);
          } else {
            fork(hereFirst ? here : there, step, progress);
            fork(hereFirst ? there : here, step, progress);
          }
        }
      }
    }
    progress.at(all, "");
    return new AgainstReport(
        surroundings, there.version.name(), quick, rows.stream().map(this::change).toList());
  }

  private void fork(Side side, Object step, BenchmarkRun.Progress progress)
      throws InterruptedException {
    int number = done++;
    if (!isMeasured(step)) {
      return;
    }
    Version version = side.version;
    String name = step instanceof Benchmarked benchmark ? benchmark.words() : name(step);
    progress.at(number, version.name() + ": " + name);
    try {
      switch (step) {
        case Benchmarked benchmark -> {
          Forks.Forked forked = forks.benchmark(version, benchmark);
          side.ledger.add(benchmark, JmhFork.dimension(), forked.cost());
          side.conditions.put(benchmark, forked.conditions());
        }
        case Program program -> enter(side, program, forks.program(version, program));
        default -> throw new AssertionError(step);
      }
    } catch (IOException | RuntimeException e) {
      forks.failed(e);
      String note = "in " + version.name() + ", " + BenchmarkRun.sentence(name, e);
      subjects(step).forEach(subject -> leave(subject, Standing.BROKEN, note));
    }
  }

  /** Of starts, those of both sides are in turn within a fork, too. */
  private void start(WarmStarts command, boolean hereFirst, BenchmarkRun.Progress progress)
      throws InterruptedException {
    int number = done;
    done += 2;
    if (!isMeasured(command)) {
      return;
    }
    progress.at(number, command.name());
    try {
      Forks.Started started = forks.starts(command, hereFirst);
      for (Subject subject : subjects(command)) {
        here.ledger.add(subject, Unit.NANOSECONDS.dimension(), started.here());
        there.ledger.add(subject, Unit.NANOSECONDS.dimension(), started.there());
      }
    } catch (Probe.NotHere e) {
      leave(command, Standing.NOT_COMPARED, String.valueOf(e.getMessage()));
    } catch (WarmStarts.NotThere e) {
      leave(command, Standing.NOT_THERE, String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      forks.failed(e);
      leave(command, Standing.BROKEN, BenchmarkRun.sentence(command.name(), e));
    }
  }

  private void leave(Probe step, Standing standing, String note) {
    subjects(step).forEach(subject -> leave(subject, standing, note));
  }

  private static String name(Object step) {
    return ((Probe) step).name();
  }

  private List<Subject> subjects(Object step) {
    return rows.stream().map(Comparison::ours).filter(subject -> belongs(subject, step)).toList();
  }

  private void enter(Side side, Program program, List<Probe.Figure> figures) {
    Map<String, Probe.Figure> byName = new HashMap<>();
    figures.forEach(figure -> byName.put(figure.name(), figure));
    for (Subject subject : subjects(program)) {
      String name = ((Probed) subject).figure();
      Probe.Figure figure = byName.get(name);
      if (figure == null) {
        leave(
            subject,
            side == here ? Standing.BROKEN : Standing.NOT_THERE,
            "in %s, %s gives no figure '%s'".formatted(side.version.name(), program.name(), name));
      } else {
        side.ledger.add(subject, figure.unit().dimension(), Cost.Fork.of(figure.cost()));
      }
    }
  }

  private Change change(Comparison row) {
    Subject subject = row.ours();
    Standing standing = left.get(subject);
    if (standing != null) {
      return Change.without(row, standing, notes.getOrDefault(subject, ""));
    }
    Cost ours = here.ledger.cost(subject);
    Cost theirs = there.ledger.cost(subject);
    if (ours == null || theirs == null) {
      throw new AssertionError(row.name() + " was not measured, and no reason is known");
    }
    if (ours.dimension() != theirs.dimension()) {
      return Change.without(
          row, Standing.NOT_COMPARED, "it is measured in another unit in " + there.version.name());
    }
    String oursUnder = here.conditions.getOrDefault(subject, "");
    String theirsUnder = there.conditions.getOrDefault(subject, "");
    String note =
        oursUnder.equals(theirsUnder)
            ? ""
            : "measured otherwise in %s: here %s; there %s"
                .formatted(there.version.name(), oursUnder, theirsUnder);
    return new Change(row, ours, theirs, Standing.COMPARED, note);
  }
}
