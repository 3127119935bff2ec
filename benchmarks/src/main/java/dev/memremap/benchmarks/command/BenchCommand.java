// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.command;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goals;
import dev.memremap.benchmarks.Point;
import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.run.AgainstJson;
import dev.memremap.benchmarks.run.AgainstReport;
import dev.memremap.benchmarks.run.AgainstRun;
import dev.memremap.benchmarks.run.AgainstTable;
import dev.memremap.benchmarks.run.BenchmarkRun;
import dev.memremap.benchmarks.run.EarlierRun;
import dev.memremap.benchmarks.run.JsonFile;
import dev.memremap.benchmarks.run.MarkdownPlace;
import dev.memremap.benchmarks.run.MarkdownTable;
import dev.memremap.benchmarks.run.Outcome;
import dev.memremap.benchmarks.run.Report;
import dev.memremap.benchmarks.run.SvgChart;
import dev.memremap.benchmarks.run.TextTable;
import dev.memremap.benchmarks.run.VersionForks;
import dev.memremap.benchmarks.version.Version;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.ProgressLine;
import dev.memremap.cli.terminal.StandardStreams;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code memremap-dev bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF + "A benchmark failed.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Measure the library beside its peers, and print one table: ours, peer, ratio, goal, and"
          + " whether it is met.",
      "Five forks of each benchmark and three of each program, which takes a while: leave the"
          + " computer alone meanwhile. With --against, measure two versions of the library beside"
          + " each other instead. The table does not change the exit status; a benchmark that fails"
          + " does."
    })
final class BenchCommand implements Callable<Integer> {
  /** About how long a shorter fork takes, with the start of two JVMs. */
  private static final double AGAINST_STEP_SECONDS = 3.5;

  @Spec private CommandSpec spec;

  @Option(
      names = "--quick",
      description =
          "One fork of very short iterations: shows in a minute or two that everything runs, and"
              + " measures nothing.")
  private boolean quick;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description =
          "Only this row, or this point with all its rows, or 'core': the rows that measure the"
              + " library itself. May be repeated. See --list.")
  private List<String> only = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/bench",
      description =
          "Where bench.json, bench.svg, bench.md and JMH's own words, jmh.log, are written; with"
              + " --against, against.json, against.md and jmh.log. Default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("target/bench");

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description =
          "Also write the table into this document, between its lines '<!-- memremap bench -->' and"
              + " '<!-- end of memremap bench -->'; names of rows in the first choose among them."
              + " With --against, the lines are '<!-- memremap bench --against -->' and '<!-- end"
              + " of memremap bench --against -->'. May be repeated.")
  private List<Path> documents = List.of();

  @Option(
      names = "--from",
      paramLabel = "JSON",
      description =
          "Measure nothing: take what an earlier run wrote as bench.json, judge it by the goals of"
              + " today, and print and write the table anew; '-' is standard input. May be repeated"
              + " for points that were measured one by one, on one machine at one commit.")
  private List<Path> earlier = List.of();

  @Option(
      names = "--against",
      paramLabel = "JAR-OR-COMMIT",
      description =
          "Measure ours of each row in two versions, fork by fork in turn, and print one table of"
              + " them: a benchmarks.jar or a jar of the library, or a commit, which is built once"
              + " and kept in the user's cache. A row is more than 10 %% slower only if the"
              + " intervals do not overlap.")
  private @Nullable String against;

  @Option(
      names = "--list",
      description = "Print the names of points and rows, and measure nothing.")
  private boolean list;

  BenchCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    List<Comparison> rows = chosen(Goals.all(), only);
    requireEffect(rows);
    if (list) {
      list(rows, spec.commandLine().getOut());
      return ExitStatus.OK;
    }
    try {
      // what cannot be written is said before half an hour is spent
      for (Path document : documents) {
        (against == null ? MarkdownPlace.BENCH : MarkdownPlace.AGAINST).require(document, rows);
      }
      List<String> failures = against == null ? bench(rows) : compare(rows, against);
      failures.forEach(
          sentence ->
              spec.commandLine()
                  .getErr()
                  .printf("memremap-dev: %s; %s says more%n", sentence, folder.resolve("jmh.log")));
      return failures.isEmpty() ? ExitStatus.OK : ExitStatus.REFUSED;
    } catch (IOException e) {
      throw new UncheckedIOException("a file cannot be read or written: " + e, e);
    }
  }

  /** Refuses options that would do nothing beside the others, before anything is built. */
  private void requireEffect(List<Comparison> rows) {
    ParseResult given = spec.commandLine().getParseResult();
    Optional<String> idle =
        Stream.of("--quick", "--out", "--markdown", "--from", "--against")
            .filter(given::hasMatchedOption)
            .findFirst();
    if (list && idle.isPresent()) {
      throw new IllegalArgumentException(
          "--list measures nothing and writes nothing; leave %s out".formatted(idle.get()));
    }
    if (quick && !earlier.isEmpty()) {
      throw new IllegalArgumentException("--from measures nothing, so it cannot be --quick");
    }
    StandardStreams.requireOneInput(earlier);
    if (against != null && !earlier.isEmpty()) {
      throw new IllegalArgumentException(
          "--against measures and --from does not: give one of the two");
    }
    if (against != null && rows.stream().noneMatch(AgainstRun::isOfAVersion)) {
      throw new IllegalArgumentException(
          "--against measures the classes or the launchers of two versions, and none of %s comes from these; name other rows"
              .formatted(names(rows)));
    }
    if (against != null
        && against.endsWith(".jar")
        && rows.stream().filter(AgainstRun::isOfAVersion).allMatch(AgainstRun::isOfALauncher)) {
      throw new IllegalArgumentException(
          "%s has no launcher to start, for a jar has none; name a commit".formatted(against));
    }
  }

  private static String names(List<Comparison> rows) {
    return rows.stream().map(Comparison::name).collect(Collectors.joining(", "));
  }

  private List<String> bench(List<Comparison> rows) throws IOException, InterruptedException {
    Report report;
    if (earlier.isEmpty()) {
      Files.createDirectories(folder);
      try (PrintStream log = log()) {
        BenchmarkRun run = new BenchmarkRun(rows, quick, log);
        report = measured(run.steps(), run.seconds(), run::run);
      }
    } else {
      report = EarlierRun.read(Goals.all(), rows, earlier);
      List<Comparison> known = report.outcomes().stream().map(Outcome::row).toList();
      for (Path document : documents) {
        MarkdownPlace.BENCH.require(document, known);
      }
      Files.createDirectories(folder);
    }
    write(report);
    spec.commandLine().getOut().println(TextTable.of(report));
    return report.failures();
  }

  private List<String> compare(List<Comparison> rows, String jarOrCommit)
      throws IOException, InterruptedException {
    Version there = Version.named(jarOrCommit, this::say);
    Version here = Version.here();
    if (rows.stream()
        .noneMatch(row -> AgainstRun.isOfAVersion(row) && AgainstRun.isIn(row, there))) {
      throw new IllegalArgumentException(
          "%s has nothing that measures %s; name other rows".formatted(jarOrCommit, names(rows)));
    }
    Path launcher =
        rows.stream().anyMatch(AgainstRun::isOfALauncher)
            ? Version.launcher(jarOrCommit, this::say).orElse(null)
            : null;
    Files.createDirectories(folder);
    AgainstReport report;
    try (PrintStream log = log()) {
      double each = quick ? Probe.QUICK_SECONDS : AGAINST_STEP_SECONDS;
      AgainstRun run =
          new AgainstRun(rows, here, there, quick, new VersionForks(here, launcher, quick, log));
      report = measured(run.steps(), run.steps() * each, run::run);
    }
    AgainstJson.write(report, folder.resolve("against.json"));
    Path table = folder.resolve("against.md");
    Files.deleteIfExists(table);
    AgainstTable.write(report, table);
    for (Path document : documents) {
      AgainstTable.write(report, document);
    }
    spec.commandLine().getOut().println(AgainstTable.text(report));
    return report.failures();
  }

  private PrintStream log() throws IOException {
    return new PrintStream(
        Files.newOutputStream(folder.resolve("jmh.log")), true, StandardCharsets.UTF_8);
  }

  /** Something that measures, step by step. */
  private interface Run<T> {
    T run(BenchmarkRun.Progress progress) throws InterruptedException;
  }

  private <T> T measured(int steps, double seconds, Run<T> run) throws InterruptedException {
    say("measures %d times, for about %.0f s".formatted(steps, seconds));
    try (ProgressLine progress = new ProgressLine("measured", steps)) {
      return run.run(progress::stepTo);
    }
  }

  private void say(String sentence) {
    spec.commandLine().getErr().printf("memremap-dev: %s%n", sentence);
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
    unknown.remove(Goals.CORE);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' is not a benchmark; write %s, %s, or a name that 'memremap-dev bench --list' prints"
              .formatted(
                  unknown.stream().sorted().findFirst().orElseThrow(),
                  Goals.CORE,
                  Arrays.stream(Point.values())
                      .map(Point::word)
                      .collect(Collectors.joining(", "))));
    }
    return rows.stream()
        .filter(
            row ->
                only.isEmpty()
                    || only.contains(row.name())
                    || only.contains(row.point().word())
                    || (only.contains(Goals.CORE) && Goals.isCore(row)))
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
    out.printf(
        "%s: %s%n",
        Goals.CORE,
        rows.stream()
            .filter(Goals::isCore)
            .map(Comparison::name)
            .collect(Collectors.joining(", ")));
  }
}
