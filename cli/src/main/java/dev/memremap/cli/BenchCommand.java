// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goals;
import dev.memremap.benchmarks.Point;
import dev.memremap.benchmarks.run.BenchmarkRun;
import dev.memremap.benchmarks.run.EarlierRun;
import dev.memremap.benchmarks.run.JsonFile;
import dev.memremap.benchmarks.run.MarkdownTable;
import dev.memremap.benchmarks.run.Report;
import dev.memremap.benchmarks.run.SvgChart;
import dev.memremap.benchmarks.run.TextTable;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code memremap bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure the library beside its peers, and print one table: ours, peer, ratio, goal, and whether it is met.",
      "Five forks of each benchmark and three of each program, which takes a while: leave the computer alone meanwhile. The table does not change the exit status; a benchmark that fails does."
    })
final class BenchCommand implements Callable<Integer> {
  /** Roughly, with the start of its JVM. */
  private static final double STEP_SECONDS = 9;

  private static final double QUICK_STEP_SECONDS = 1.5;

  @Spec private CommandSpec spec;

  @Option(
      names = "--quick",
      description =
          "One fork of very short iterations: shows in a minute or two that everything runs, and measures nothing.")
  private boolean quick;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "Only this row, or this point with all its rows; may be repeated. See --list.")
  private List<String> only = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/bench",
      description =
          "Where bench.json, bench.svg, bench.md and JMH's own words, jmh.log, are written. Default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("target/bench");

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description =
          "Also write the table into this document, between its lines '<!-- memremap bench -->' and '<!-- end of memremap bench -->'; names of rows in the first choose among them. May be repeated.")
  private List<Path> documents = List.of();

  @Option(
      names = "--from",
      paramLabel = "JSON",
      description =
          "Measure nothing: take what an earlier run wrote as bench.json, judge it by the goals of today, and print and write the table anew. May be repeated for points that were measured one by one, on one machine at one commit.")
  private List<Path> earlier = List.of();

  @Option(
      names = "--list",
      description = "Print the names of points and rows, and measure nothing.")
  private boolean list;

  BenchCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<Comparison> rows = chosen(Goals.all(), only);
    if (quick && !earlier.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--from measures nothing: --quick says nothing there.");
    }
    if (list) {
      list(rows, out);
      return MemremapCommand.OK;
    }
    try {
      // what cannot be written is said before half an hour is spent
      for (Path document : documents) {
        MarkdownTable.read(document);
      }
      Files.createDirectories(folder);
      Report report = earlier.isEmpty() ? measured(rows) : EarlierRun.read(Goals.all(), rows, earlier);
      write(report);
      out.println(TextTable.of(report));
      report
          .failures()
          .forEach(
              sentence ->
                  err.printf("memremap: %s; %s says more%n", sentence, folder.resolve("jmh.log")));
      return report.failures().isEmpty() ? MemremapCommand.OK : MemremapCommand.REFUSED;
    } catch (IOException e) {
      throw new UncheckedIOException("a file cannot be read or written: " + e, e);
    }
  }

  private Report measured(List<Comparison> rows) throws IOException, InterruptedException {
    try (PrintStream log =
        new PrintStream(
            Files.newOutputStream(folder.resolve("jmh.log")), true, StandardCharsets.UTF_8)) {
      BenchmarkRun run = new BenchmarkRun(rows, quick, log);
      double seconds = run.steps() * (quick ? QUICK_STEP_SECONDS : STEP_SECONDS);
      spec.commandLine()
          .getErr()
          .printf("memremap: measures %d times, for about %.0f s%n", run.steps(), seconds);
      try (ProgressLine progress = new ProgressLine("measured", run.steps())) {
        return run.run(progress::stepTo);
      }
    }
  }

  private void write(Report report) throws IOException {
    JsonFile.write(report, folder.resolve("bench.json"));
    SvgChart.write(report, folder.resolve("bench.svg"));
    Path table = folder.resolve("bench.md");
    Files.deleteIfExists(table);
    MarkdownTable.write(report, table);
    for (Path document : documents) {
      MarkdownTable.write(report, document);
    }
  }

  private static List<Comparison> chosen(List<Comparison> rows, List<String> only) {
    Set<String> unknown = new HashSet<>(only);
    for (Comparison row : rows) {
      unknown.remove(row.name());
    }
    for (Point point : Point.values()) {
      unknown.remove(point.word());
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' is no benchmark; write %s, or a name that 'memremap bench --list' prints"
              .formatted(
                  unknown.stream().sorted().findFirst().orElseThrow(),
                  Arrays.stream(Point.values())
                      .map(Point::word)
                      .collect(Collectors.joining(", "))));
    }
    return rows.stream()
        .filter(
            row -> only.isEmpty() || only.contains(row.name()) || only.contains(row.point().word()))
        .toList();
  }

  private static void list(List<Comparison> rows, PrintWriter out) {
    Point point = null;
    for (Comparison row : rows) {
      if (row.point() != point) {
        point = row.point();
        out.printf("%s: %s%n", point.word(), point.title());
      }
      out.printf(
          "  %-36s %s%s%n",
          row.name(), row.what(), row.beside().isEmpty() ? "" : " / " + row.beside());
    }
  }
}
