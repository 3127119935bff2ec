// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.ChildJvm;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.Unit;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One fork of one benchmark, by JMH. */
final class JmhFork {
  private static final TimeValue SHORT = TimeValue.milliseconds(50);

  private JmhFork() {}

  /**
   * Runs it. How long is what the class's annotations say.
   *
   * @param quick whether to end as soon as it is seen to work
   * @param log where JMH's own words go
   * @return the time of one operation, in nanoseconds
   * @throws RunnerException if the benchmark fails, or does not exist
   */
  static Cost.Fork run(Benchmarked benchmark, boolean quick, PrintStream log)
      throws RunnerException {
    if (quick) {
      // nothing is measured that another JMH beside it would disturb
      System.setProperty("jmh.ignoreLock", "true");
    }
    // JMH passes on what a fork writes to its own
    PrintStream out = System.out;
    PrintStream err = System.err;
    System.setOut(log);
    System.setErr(log);
    try {
      return fork(results(benchmark, quick, log));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static Collection<RunResult> results(
      Benchmarked benchmark, boolean quick, PrintStream log) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(name(benchmark)) + "$")
            .forks(1)
            .warmupForks(0)
            .shouldFailOnError(true)
            .jvmArgs(ChildJvm.FLAGS.toArray(String[]::new));
    if (!benchmark.jvmArgs().isEmpty()) {
      options.jvmArgsAppend(benchmark.jvmArgs().toArray(String[]::new));
    }
    if (benchmark.threads() > 0) {
      options.threads(benchmark.threads());
    }
    benchmark.params().forEach((param, value) -> options.param(param, value));
    if (quick) {
      options.warmupIterations(1).warmupTime(SHORT).measurementIterations(2).measurementTime(SHORT);
    }
    return new Runner(
            options.build(), OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL))
        .run();
  }

  private static String name(Benchmarked benchmark) {
    return benchmark.owner().getCanonicalName() + "." + benchmark.method();
  }

  private static Cost.Fork fork(Collection<RunResult> results) throws RunnerException {
    if (results.size() != 1) {
      throw new RunnerException(
          "it is %d benchmarks: give each parameter one value".formatted(results.size()));
    }
    RunResult result = results.iterator().next();
    BenchmarkParams params = result.getParams();
    List<Double> iterations = new ArrayList<>();
    result
        .getBenchmarkResults()
        .forEach(
            fork ->
                fork.getIterationResults()
                    .forEach(
                        iteration ->
                            iterations.add(
                                nanos(
                                    score(iteration.getPrimaryResult(), params.getMode()),
                                    params.getMode(),
                                    params.getTimeUnit(),
                                    params.getThreads()))));
    double cost =
        nanos(
            score(result.getPrimaryResult(), params.getMode()),
            params.getMode(),
            params.getTimeUnit(),
            params.getThreads());
    return new Cost.Fork(cost, iterations);
  }

  /** Of single operations it is the median: their mean is what the scheduler makes of it. */
  private static double score(Result<?> result, Mode mode) {
    return mode == Mode.SampleTime ? result.getStatistics().getPercentile(50) : result.getScore();
  }

  /** The time of one operation; a throughput is that of all threads together. */
  static double nanos(double score, Mode mode, TimeUnit unit, int threads) {
    double nanos = unit.toNanos(1);
    return mode == Mode.Throughput ? threads * nanos / score : score * nanos;
  }

  /** What it returns is time. */
  static Unit.Dimension dimension() {
    return Unit.Dimension.TIME;
  }
}
