// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what JMH writes with {@code -rf json}, of one benchmark in one fork. */
final class JmhJson {
  /** How it begins; nothing in it looks so, for the rest is indented further. */
  private static final String BEGINNING = "[\n    {";

  private JmhJson() {}

  /** Reads it at the end of JMH's standard output, behind what the benchmark wrote there. */
  static Forks.Forked readEnd(String output) throws IOException {
    int beginning = output.lastIndexOf(BEGINNING);
    if (beginning < 0) {
      throw new IOException("JMH wrote no result");
    }
    return read(output.substring(beginning));
  }

  static Forks.Forked read(String json) throws IOException {
    try {
      JsonNode results = JsonMapper.shared().readTree(json);
      if (results.size() != 1) {
        throw new IOException(
            "it is %d benchmarks: give each parameter one value".formatted(results.size()));
      }
      return forked(results.required(0));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException("JMH's result cannot be read: " + e.getMessage(), e);
    }
  }

  private static Forks.Forked forked(JsonNode result) {
    Mode mode = Mode.deepValueOf(result.required("mode").asString());
    int threads = result.required("threads").asInt();
    JsonNode metric = result.required("primaryMetric");
    TimeUnit unit = unit(metric.required("scoreUnit").asString());
    List<Double> iterations = new ArrayList<>();
    double score;
    if (mode == Mode.SampleTime) {
      score = metric.required("scorePercentiles").required("50.0").asDouble();
      metric
          .required("rawDataHistogram")
          .required(0)
          .forEach(iteration -> iterations.add(median(iteration)));
    } else {
      score = metric.required("score").asDouble();
      metric
          .required("rawData")
          .required(0)
          .forEach(iteration -> iterations.add(iteration.asDouble()));
    }
    if (!(score > 0) || score == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("a score of " + score);
    }
    iterations.replaceAll(each -> JmhFork.nanos(each, mode, unit, threads));
    return new Forks.Forked(
        new Cost.Fork(JmhFork.nanos(score, mode, unit, threads), iterations), conditions(result));
  }

  /** Of {@code [[value, how often], …]}. */
  private static double median(JsonNode histogram) {
    SortedMap<Double, Long> counts = new TreeMap<>();
    histogram.forEach(
        pair -> counts.merge(pair.required(0).asDouble(), pair.required(1).asLong(), Long::sum));
    long half = (counts.values().stream().mapToLong(Long::longValue).sum() + 1) / 2;
    for (var count : counts.entrySet()) {
      half -= count.getValue();
      if (half <= 0) {
        return count.getKey();
      }
    }
    throw new IllegalArgumentException("an iteration has no samples");
  }

  /** Of {@code ns/op} or {@code ops/us}. */
  private static TimeUnit unit(String of) {
    String symbol = of.replace("ops/", "").replace("/op", "");
    return switch (symbol) {
      case "ns" -> TimeUnit.NANOSECONDS;
      case "us" -> TimeUnit.MICROSECONDS;
      case "ms" -> TimeUnit.MILLISECONDS;
      case "s" -> TimeUnit.SECONDS;
      default -> throw new IllegalArgumentException("unknown unit " + of);
    };
  }

  /** Mode, iterations and flags; a class among the flags may have moved to another package. */
  private static String conditions(JsonNode result) {
    StringBuilder conditions = new StringBuilder(result.required("mode").asString());
    for (String field :
        List.of(
            "threads",
            "warmupIterations",
            "warmupTime",
            "warmupBatchSize",
            "measurementIterations",
            "measurementTime",
            "measurementBatchSize")) {
      conditions.append(' ').append(field).append('=').append(result.path(field).asString());
    }
    for (JsonNode flag : result.path("jvmArgs")) {
      conditions.append(' ').append(simple(flag.asString()));
    }
    return conditions.toString();
  }

  private static String simple(String flag) {
    String[] words = flag.split("=", 2);
    if (words.length < 2 || !words[0].endsWith(".class")) {
      return flag;
    }
    return words[0] + "=" + Arrays.asList(words[1].split("\\.", -1)).getLast();
  }
}
