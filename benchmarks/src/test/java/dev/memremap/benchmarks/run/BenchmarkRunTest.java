// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Point;
import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.Subject.Probed;
import dev.memremap.benchmarks.Unit;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BenchmarkRunTest {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final List<String> steps = new ArrayList<>();

  /** Prints two figures, one of them different when it is in a hurry. */
  static final class Prints {
    private Prints() {}

    public static void main(String[] args) {
      System.out.println("something else");
      Program.print("time", args.length == 1 ? 5 : 50, Unit.MICROSECONDS);
      Program.print("pieces", 7, Unit.PIECES);
    }
  }

  /** Ends badly. */
  static final class Fails {
    private Fails() {}

    public static void main(String[] args) {
      System.err.println("the disk is full");
      System.exit(3);
    }
  }

  /** Costs 1, then 2, then 3. */
  private static final class Counting implements Probe {
    private int count;

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public List<Figure> measure(boolean quick) {
      count++;
      return List.of(
          new Figure("a", count, Unit.MICROSECONDS), new Figure("b", 10, Unit.MICROSECONDS));
    }
  }

  /** Takes a minute, and in a quick run ten seconds. */
  private static final class Minute implements Probe {
    @Override
    public String name() {
      return "long";
    }

    @Override
    public double seconds(boolean quick) {
      return quick ? 10 : 60;
    }

    @Override
    public List<Figure> measure(boolean quick) throws NotHere {
      throw new NotHere("it is not measured");
    }
  }

  /** Is missing, and counts how often it was asked. */
  private static final class Missing implements Probe {
    private int asked;

    @Override
    public String name() {
      return "missing";
    }

    @Override
    public List<Figure> measure(boolean quick) throws NotHere {
      asked++;
      throw new NotHere("no guest can run here");
    }
  }

  private Report run(boolean quick, Comparison... rows) throws InterruptedException {
    BenchmarkRun run =
        new BenchmarkRun(List.of(rows), quick, new PrintStream(log, true, StandardCharsets.UTF_8));
    Report report = run.run((done, now) -> steps.add(done + " " + now));
    assertThat(steps).last().isEqualTo(run.steps() + " ");
    return report;
  }

  private static Comparison alone(String name, Subject ours) {
    return Comparison.alone(Point.SCALE, name, "it", ours, Goal.none());
  }

  @Test
  @DisplayName("what a run takes is what its steps say, as often as each is measured")
  void seconds() {
    List<Comparison> rows =
        List.of(
            alone("scale-a", new Probed(new Minute(), "a")),
            alone("scale-b", new Probed(new Counting(), "b")));
    PrintStream to = new PrintStream(log, true, StandardCharsets.UTF_8);
    assertThat(new BenchmarkRun(rows, false, to).seconds()).isEqualTo(3 * (60 + Probe.SECONDS));
    assertThat(new BenchmarkRun(rows, true, to).seconds()).isEqualTo(10 + Probe.QUICK_SECONDS);
  }

  @Test
  @DisplayName("three rounds, and what several rows name is measured once in each")
  void rounds() throws InterruptedException {
    Counting probe = new Counting();
    Subject a = new Probed(probe, "a");
    Subject b = new Probed(probe, "b");
    Report report =
        run(
            false,
            Comparison.of(Point.SCALE, "scale-a", "a", a, "b", b, Goal.ratioAtMost(0.2)),
            alone("scale-b", b));
    assertThat(probe.count).isEqualTo(3);
    assertThat(steps).containsExactly("0 counting", "1 counting", "2 counting", "3 ");
    Outcome outcome = report.outcomes().getFirst();
    assertThat(outcome.ratio()).hasValue(0.2);
    assertThat(outcome.verdict()).isEqualTo(Verdict.MET);
    assertThat(outcome.ours()).isEqualTo(Sample.cost(1000, 2000, 3000));
  }

  @Test
  @DisplayName("benchmarks have five rounds, programs three")
  void fiveRounds() throws InterruptedException {
    Counting probe = new Counting();
    Subject a = new Probed(probe, "a");
    run(false, Comparison.alone(Point.ACCESS, "access-a", "it", a, Goal.none()));
    assertThat(probe.count).isEqualTo(5);
  }

  @Test
  @DisplayName("a peer that is missing here is tried once, is reported, and is not a failure")
  void notHere() throws InterruptedException {
    Missing probe = new Missing();
    Report report = run(false, alone("scale-a", new Probed(probe, "a")));
    assertThat(probe.asked).isEqualTo(1);
    Outcome outcome = report.outcomes().getFirst();
    assertThat(outcome.verdict()).isEqualTo(Verdict.NOT_MEASURED);
    assertThat(outcome.absence()).isEqualTo("no guest can run here");
    assertThat(report.failures()).isEmpty();
  }

  @Test
  @DisplayName("a program's figures are found among what else it prints")
  void program() throws InterruptedException {
    Program program = Program.of(Prints.class);
    Report report =
        run(
            true,
            alone("scale-time", program.figure("time")),
            alone("scale-pieces", program.figure("pieces")),
            alone("scale-none", program.figure("none")));
    assertThat(report.failures())
        .containsExactly("Prints failed: it gave no figure none, only [time, pieces]");
  }

  @Test
  @DisplayName("in a hurry a program is told so")
  void quick() throws InterruptedException {
    Program program = Program.of(Prints.class);
    Report report = run(true, alone("scale-time", program.figure("time")));
    assertThat(report.outcomes().getFirst().ours()).isEqualTo(Sample.cost(5000));
  }

  @Test
  @DisplayName("a program that fails, and a benchmark that does not exist, break their rows alone")
  void broken() throws InterruptedException {
    Report report =
        run(
            true,
            alone("scale-fails", Program.of(Fails.class).figure("a")),
            alone("scale-no", Benchmarked.of(BenchmarkRunTest.class, "noSuchBenchmark")),
            alone("scale-good", Program.of(Prints.class).figure("pieces")));
    assertThat(report.outcomes())
        .extracting(Outcome::verdict)
        .containsExactly(Verdict.BROKEN, Verdict.BROKEN, Verdict.NO_GOAL);
    assertThat(report.failures())
        .hasSize(2)
        .first()
        .isEqualTo("Fails failed: it ended with status 3 and said: the disk is full");
    assertThat(log.toString(StandardCharsets.UTF_8)).contains("the disk is full");
  }
}
