// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Point;
import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.ReferenceBenchmark;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.Subject.Probed;
import dev.memremap.benchmarks.TebibyteMap;
import dev.memremap.benchmarks.Unit;
import dev.memremap.benchmarks.WarmStarts;
import dev.memremap.benchmarks.run.Change.Standing;
import dev.memremap.benchmarks.version.Version;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AgainstRunTest {
  private static final Benchmarked ONE =
      Benchmarked.of(ReferenceBenchmark.class, "percpuGetPut").param("path", "CELLS");
  private static final Benchmarked TWO = ONE.threads(2);
  private static final Program PROGRAM = Program.of(TebibyteMap.class);

  private final List<Exception> failures = new ArrayList<>();
  private final List<String> order = new ArrayList<>();
  private Version here;
  private Version there;

  @BeforeEach
  void versions() throws IOException, InterruptedException {
    Version running = Version.here();
    here = new Version("here", running.classPath(), running.index());
    there = new Version("there", running.classPath(), running.index());
  }

  /** Costs 10 here and 20 there, and notes the order. */
  private class Fakes implements Forks {
    @Override
    public Forked benchmark(Version version, Benchmarked benchmark) throws IOException {
      order.add(version.name() + " " + benchmark.threads());
      return new Forked(Cost.Fork.of(version.name().equals("here") ? 10 : 20), "as always");
    }

    @Override
    public List<Probe.Figure> program(Version version, Program program) throws IOException {
      order.add(version.name() + " " + program.name());
      return List.of(
          new Probe.Figure("made", version.name().equals("here") ? 3 : 1, Unit.NANOSECONDS),
          new Probe.Figure("resident", 4, Unit.KIB));
    }

    @Override
    public Started starts(WarmStarts command, boolean hereFirst)
        throws Probe.NotHere, WarmStarts.NotThere, IOException {
      order.add(command.name() + (hereFirst ? ", here first" : ", there first"));
      return new Started(
          Cost.Fork.ofStarts(List.of(9.0, 30.0, 12.0)), Cost.Fork.ofStarts(List.of(8.0, 6.0, 7.0)));
    }

    @Override
    public void failed(Exception failure) {
      failures.add(failure);
    }
  }

  private AgainstReport run(boolean quick, Forks forks, Comparison... rows)
      throws InterruptedException {
    AgainstRun run = new AgainstRun(List.of(rows), here, there, quick, forks);
    int all = run.steps();
    List<Integer> steps = new ArrayList<>();
    AgainstReport report = run.run((done, now) -> steps.add(done));
    assertThat(steps).isSorted().last().isEqualTo(all);
    return report;
  }

  private static Comparison row(String name, Subject ours) {
    return Comparison.alone(Point.REFERENCE, name, "it", ours, Goal.none());
  }

  @Test
  @DisplayName("both versions are forked in turn, and who goes first alternates")
  void order() throws InterruptedException {
    run(false, new Fakes(), row("reference-one", ONE), row("reference-two", TWO));
    assertThat(order)
        .containsExactly(
            "here 1", "there 1", "there 2", "here 2", //
            "there 1", "here 1", "here 2", "there 2", //
            "here 1", "there 1", "there 2", "here 2", //
            "there 1", "here 1", "here 2", "there 2", //
            "here 1", "there 1", "there 2", "here 2");
  }

  @Test
  @DisplayName("ours of each row is measured once, whatever its peers are; peers are not measured")
  void oursAlone() throws InterruptedException {
    AgainstReport report =
        run(
            true,
            new Fakes(),
            Comparison.of(Point.REFERENCE, "reference-a", "a", ONE, "b", TWO, Goal.ratioAtMost(1)),
            Comparison.of(Point.REFERENCE, "reference-b", "a", ONE, "c", TWO, Goal.ratioAtMost(1)));
    assertThat(order).containsExactly("here 1", "there 1");
    assertThat(report.changes())
        .extracting(change -> change.row().name())
        .containsExactly("reference-a");
  }

  @Test
  @DisplayName("a fork goes to its own side: the ratio is that of here by there")
  void sides() throws InterruptedException {
    AgainstReport report =
        run(
            false,
            new Fakes(),
            row("reference-one", ONE),
            row("reference-made", PROGRAM.figure("made")),
            row("reference-resident", PROGRAM.figure("resident")));
    assertThat(report.changes())
        .extracting(change -> change.ratio().orElseThrow())
        .containsExactly(0.5, 3.0, 1.0);
    Cost here = report.changes().getFirst().here();
    assertThat(here).isEqualTo(Sample.cost(10, 10, 10, 10, 10));
    assertThat(report.summary())
        .isEqualTo(
            "1 of 3 rows is more than 10 % slower than there, with intervals that do not overlap");
  }

  @Test
  @DisplayName("what the other version lacks is said and not forked")
  void notThere() throws InterruptedException {
    Benchmarked noSuch = Benchmarked.of(AgainstRunTest.class, "noSuchBenchmark");
    Benchmarked noParam = ONE.param("colour", "red");
    Benchmarked undecided = Benchmarked.of(ReferenceBenchmark.class, "percpuGetPut");
    AgainstReport report =
        run(
            false,
            new Fakes(),
            row("reference-none", noSuch),
            row("reference-param", noParam),
            row("reference-undecided", undecided),
            row("reference-program", Program.of(AgainstRunTest.class).figure("made")),
            row("reference-figure", PROGRAM.figure("no such figure")));
    assertThat(order).doesNotContain("here 1", "there 1").first().isEqualTo("here TebibyteMap");
    assertThat(report.changes())
        .extracting(Change::standing)
        .containsExactly(
            Standing.NOT_THERE,
            Standing.NOT_THERE,
            Standing.NOT_THERE,
            Standing.NOT_THERE,
            Standing.BROKEN);
    assertThat(report.changes()).extracting(report::verdict).startsWith("not in there");
  }

  @Test
  @DisplayName("a figure that the other version's program lacks is not in that version")
  void noFigureThere() throws InterruptedException {
    AgainstReport report =
        run(
            true,
            new Fakes() {
              @Override
              public List<Probe.Figure> program(Version version, Program program)
                  throws IOException {
                List<Probe.Figure> figures = super.program(version, program);
                return version.name().equals("here") ? figures : figures.subList(1, 2);
              }
            },
            row("reference-made", PROGRAM.figure("made")),
            row("reference-resident", PROGRAM.figure("resident")));
    assertThat(report.changes())
        .extracting(Change::standing)
        .containsExactly(Standing.NOT_THERE, Standing.COMPARED);
  }

  @Test
  @DisplayName("a benchmark that fails in one version breaks its row alone, and is tried once")
  void broken() throws InterruptedException {
    AgainstReport report =
        run(
            false,
            new Fakes() {
              @Override
              public Forked benchmark(Version version, Benchmarked benchmark) throws IOException {
                Forked forked = super.benchmark(version, benchmark);
                if (benchmark.threads() == 2 && version.name().equals("there")) {
                  throw new IOException("NoSuchMethodError: gone");
                }
                return forked;
              }
            },
            row("reference-two", TWO),
            row("reference-one", ONE));
    assertThat(order).filteredOn(step -> step.endsWith("2")).containsExactly("here 2", "there 2");
    assertThat(order).filteredOn(step -> step.endsWith("1")).hasSize(10);
    assertThat(report.failures())
        .containsExactly(
            "in there, ReferenceBenchmark.percpuGetPut path=CELLS, 2 threads failed: NoSuchMethodError: gone");
    assertThat(failures).singleElement().isInstanceOf(IOException.class);
  }

  @Test
  @DisplayName("a row that is not measured by a version's own classes is not compared")
  void notCompared() throws InterruptedException {
    Probe starts =
        new Probe() {
          @Override
          public String name() {
            return "starts";
          }

          @Override
          public List<Figure> measure(boolean quick) {
            throw new AssertionError("it is not asked");
          }
        };
    AgainstReport report = run(false, new Fakes(), row("reference-start", new Probed(starts, "a")));
    assertThat(report.changes().getFirst().standing()).isEqualTo(Standing.NOT_COMPARED);
    assertThat(report.summary()).endsWith("; 1 not compared");
    assertThat(order).isEmpty();
  }

  private static Comparison startup(String command) {
    return Comparison.alone(
        Point.STARTUP,
        "startup-" + command,
        "it",
        WarmStarts.of(command, WarmStarts.MACHINE).cached(),
        Goal.none());
  }

  @Test
  @DisplayName("starts are measured of both versions at once; the one that begins alternates")
  void starts() throws InterruptedException {
    AgainstReport report = run(false, new Fakes(), startup("iomem"), startup("what"));
    assertThat(order)
        .containsExactly(
            "memremap iomem, here first", "memremap what, there first", //
            "memremap iomem, there first", "memremap what, here first", //
            "memremap iomem, here first", "memremap what, there first");
    Change change = report.changes().getFirst();
    assertThat(change.here()).isNotNull();
    assertThat(change.here().forks()).hasSize(3);
    // the medians of 9, 30, 12 and of 8, 6, 7
    assertThat(change.ratio()).hasValue(12.0 / 7);
    assertThat(report.summary()).startsWith("2 of 2 rows are more than 10 % slower");
  }

  @Test
  @DisplayName("a command that the other version lacks, and a version without a launcher, are said")
  void noStarts() throws InterruptedException {
    AgainstReport report =
        run(
            false,
            new Fakes() {
              @Override
              public Started starts(WarmStarts command, boolean hereFirst)
                  throws Probe.NotHere, WarmStarts.NotThere, IOException {
                super.starts(command, hereFirst);
                switch (command.words().getFirst()) {
                  case "what" -> throw new WarmStarts.NotThere("there, 'what' is unknown");
                  case "doctor" -> throw new Probe.NotHere("a jar has no launcher");
                  default -> throw new IOException("the disk is full");
                }
              }
            },
            startup("what"),
            startup("doctor"),
            startup("iomem"));
    assertThat(order).as("each is tried once").hasSize(3);
    assertThat(report.changes())
        .extracting(Change::standing)
        .containsExactly(Standing.NOT_THERE, Standing.NOT_COMPARED, Standing.BROKEN);
    assertThat(report.notes())
        .containsEntry("startup-what", "there, 'what' is unknown")
        .containsEntry("startup-doctor", "a jar has no launcher");
    assertThat(report.verdict(report.changes().getFirst())).isEqualTo("not in there");
    assertThat(report.failures()).containsExactly("memremap iomem failed: the disk is full");
  }

  @Test
  @DisplayName("other flags in the other version are said below the table")
  void otherConditions() throws InterruptedException {
    AgainstReport report =
        run(
            true,
            new Fakes() {
              @Override
              public Forked benchmark(Version version, Benchmarked benchmark) throws IOException {
                return new Forked(super.benchmark(version, benchmark).cost(), version.name() + "!");
              }
            },
            row("reference-one", ONE));
    assertThat(report.notes())
        .containsEntry("reference-one", "measured otherwise in there: here here!; there there!");
  }
}
