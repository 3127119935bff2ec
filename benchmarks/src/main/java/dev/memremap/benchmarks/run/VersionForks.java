// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.ChildJvm;
import dev.memremap.benchmarks.Probe;
import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.WarmStarts;
import dev.memremap.benchmarks.version.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.BenchmarkListEntry;

/**
 * Forks of any version, each by the JMH of its own class path: {@code org.openjdk.jmh.Main} runs in
 * a small JVM and forks the one that measures. Ours is run the same way, so that both sides differ
 * in their class path alone. The number of iterations is what our benchmark's annotations say, for
 * both; each is shorter than there, so that twice as many forks take no longer.
 *
 * <p>Thread safety: used by one thread.
 */
public final class VersionForks implements Forks {
  private static final String SHORT = "300ms";
  private static final String QUICK = "50ms";

  /** Of the JVM that hosts JMH, which measures nothing. */
  private static final List<String> HOST =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xmx64m",
          "-XX:+IgnoreUnrecognizedVMOptions",
          "--sun-misc-unsafe-memory-access=allow");

  /** How JMH and the JVM begin the line that says what went wrong. */
  private static final Pattern FAILURE =
      Pattern.compile("(?m)^(?:Caused by: )?(?:[\\w$]+\\.)+[\\w$]*(?:Exception|Error)\\b.*$");

  private final Version here;
  private final @Nullable Path launcher;
  private final boolean quick;
  private final PrintStream log;

  /**
   * For a run.
   *
   * @param here whose annotations say how many iterations
   * @param launcher of the other version; null if it has none
   * @param quick whether to end as soon as it is seen to work
   * @param log where JMH's own words go; left open
   */
  public VersionForks(Version here, @Nullable Path launcher, boolean quick, PrintStream log) {
    this.here = here;
    this.launcher = launcher;
    this.quick = quick;
    this.log = log;
  }

  @Override
  public Forked benchmark(Version version, Benchmarked benchmark)
      throws IOException, InterruptedException {
    BenchmarkListEntry ours = entry(here, benchmark);
    List<String> command = new ArrayList<>();
    command.add(ChildJvm.JAVA);
    command.addAll(HOST);
    if (quick) {
      // another JMH may run beside it: nothing is measured that it would disturb
      command.add("-Djmh.ignoreLock=true");
    }
    command.addAll(List.of("-cp", version.classPath(), "org.openjdk.jmh.Main"));
    command.add("^" + Pattern.quote(entry(version, benchmark).getUsername()) + "$");
    command.addAll(List.of("-f", "1", "-wf", "0", "-foe", "true"));
    // the result to a pipe: a signal would leave a file behind; words to the other one
    command.addAll(List.of("-rf", "json", "-rff", "/dev/stdout", "-o", "/dev/stderr"));
    command.addAll(length(ours));
    command.addAll(List.of("-jvmArgs", String.join(" ", ChildJvm.FLAGS)));
    if (!benchmark.jvmArgs().isEmpty()) {
      command.addAll(List.of("-jvmArgsAppend", String.join(" ", benchmark.jvmArgs())));
    }
    if (benchmark.threads() > 0) {
      command.addAll(List.of("-t", Integer.toString(benchmark.threads())));
    }
    benchmark
        .params()
        .forEach((param, value) -> command.addAll(List.of("-p", param + "=" + value)));
    log.println("# " + version.name() + ": " + benchmark.words());
    return JmhJson.readEnd(run(command));
  }

  private static BenchmarkListEntry entry(Version version, Benchmarked benchmark)
      throws IOException {
    return version
        .index()
        .benchmark(benchmark)
        .orElseThrow(
            () -> new IOException("%s has no %s".formatted(version.name(), benchmark.words())));
  }

  /** How many iterations, and how long: the first as annotated here. */
  private List<String> length(BenchmarkListEntry ours) {
    int warmups = quick ? 1 : ours.getWarmupIterations().orElse(2);
    int measured = quick ? 2 : ours.getMeasurementIterations().orElse(3);
    if (!quick && ours.getMode() == Mode.SingleShotTime) {
      warmups = Math.min(warmups, 2);
      measured = Math.min(measured, 3);
    }
    String time = quick ? QUICK : SHORT;
    return List.of(
        "-wi", Integer.toString(warmups), "-w", time, "-i", Integer.toString(measured), "-r", time);
  }

  /** Logs all that JMH writes, and returns its standard output. */
  private String run(List<String> command) throws IOException, InterruptedException {
    Process jmh = ChildJvm.start(new ProcessBuilder(command));
    try {
      FutureTask<String> words = new FutureTask<>(() -> text(jmh.getErrorStream()));
      Thread.ofVirtual().name("jmh-words").start(words);
      String output = text(jmh.getInputStream());
      String said = words.get() + output;
      log.println(said);
      int status = jmh.waitFor();
      if (status != 0) {
        throw new IOException(
            FAILURE
                .matcher(said)
                .results()
                .map(match -> match.group().strip())
                .findFirst()
                .orElse("JMH ended with status " + status));
      }
      return output;
    } catch (ExecutionException e) {
      throw new IOException("JMH's words cannot be read", e.getCause());
    } finally {
      // with SIGTERM, at which JMH deletes its temporary files
      jmh.descendants().forEach(ProcessHandle::destroy);
      jmh.destroy();
    }
  }

  private static String text(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public List<Probe.Figure> program(Version version, Program program)
      throws IOException, InterruptedException {
    log.println("# " + version.name() + ": " + program.name());
    String main =
        version
            .index()
            .program(program.main())
            .orElseThrow(
                () -> new IOException("%s has no %s".formatted(version.name(), program.name())));
    List<Probe.Figure> figures = program.measure(version.classPath(), main, quick);
    figures.forEach(
        figure -> log.printf("%s: %s %s%n", figure.name(), figure.amount(), figure.unit()));
    return figures;
  }

  @Override
  public Started starts(WarmStarts command, boolean hereFirst)
      throws Probe.NotHere, WarmStarts.NotThere, IOException, InterruptedException {
    log.println("# " + command.name());
    Path ours = WarmStarts.launcher();
    if (launcher == null) {
      throw new Probe.NotHere("a jar has no launcher to start; name a commit");
    }
    WarmStarts.Pairs pairs = command.inTurn(ours, launcher, hereFirst, quick);
    log.printf("here: %s ns%nthere: %s ns%n", pairs.here(), pairs.there());
    return new Started(Cost.Fork.ofStarts(pairs.here()), Cost.Fork.ofStarts(pairs.there()));
  }

  @Override
  public void failed(Exception failure) {
    failure.printStackTrace(log);
  }
}
