// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JmhJsonTest {
  private Forks.Forked read(String json) throws IOException {
    return JmhJson.read(json);
  }

  private static String result(String mode, String metric) {
    return """
        [{"mode": "%s", "threads": 2, "warmupTime": "300 ms",
          "jvmArgs": ["-Xmx1g", "-Djmh.executor.class=dev.memremap.benchmarks.PinnedThreads"],
          "primaryMetric": %s}]
        """
        .formatted(mode, metric);
  }

  @ParameterizedTest
  @CsvSource({
    "avgt, ns/op, 4, 4", //
    "avgt, us/op, 4, 4000",
    "ss, ms/op, 4, 4000000",
    "thrpt, ops/us, 4, 500",
    "thrpt, ops/s, 4, 500000000"
  })
  @DisplayName(
      "a score is the time of one operation in nanoseconds, a throughput of two threads too")
  void score(String mode, String unit, double score, double nanos) throws IOException {
    Forks.Forked forked =
        read(
            result(
                mode,
                "{\"score\": %s, \"scoreUnit\": \"%s\", \"rawData\": [[%s]]}"
                    .formatted(score, unit, score)));
    assertThat(forked.cost()).isEqualTo(new Cost.Fork(nanos, List.of(nanos)));
  }

  @Test
  @DisplayName("of samples it is the median, in all and in each iteration")
  void samples() throws IOException {
    Forks.Forked forked =
        read(
            result(
                "sample",
                """
                {"score": 9, "scoreUnit": "us/op", "scorePercentiles": {"0.0": 1, "50.0": 2},
                 "rawDataHistogram": [[ [[1, 1], [3, 1], [2, 1]], [[7, 5], [100, 4]] ]]}
                """));
    assertThat(forked.cost()).isEqualTo(new Cost.Fork(2000, List.of(2000.0, 7000.0)));
  }

  @Test
  @DisplayName("conditions name the flags; a class among them may be in another package")
  void conditions() throws IOException {
    String json = result("avgt", "{\"score\": 1, \"scoreUnit\": \"ns/op\", \"rawData\": [[1]]}");
    String conditions = read(json).conditions();
    assertThat(conditions).contains("avgt threads=2", "warmupTime=300 ms", "-Xmx1g");
    assertThat(read(json.replace("dev.memremap.benchmarks.", "dev.moved.")).conditions())
        .isEqualTo(conditions);
    assertThat(read(json.replace("1g", "2g")).conditions()).isNotEqualTo(conditions);
  }

  @Test
  @DisplayName("the result is at the end of JMH's output, whatever the benchmark wrote before it")
  void end() throws IOException {
    String result =
        """
        [
            {
                "mode" : "avgt", "threads" : 1,
                "primaryMetric" : {
                    "score" : 4, "scoreUnit" : "ns/op",
                    "rawData" : [
                        [
                            4
                        ]
                    ]
                }
            }
        ]
        """;
    for (String before : List.of("", "# path: CELLS\n", "[\n    {", "no line's end")) {
      assertThat(JmhJson.readEnd(before + result).cost()).isEqualTo(Cost.Fork.of(4));
    }
    for (String none : List.of("", "# path: CELLS\n")) {
      assertThatThrownBy(() -> JmhJson.readEnd(none)).hasMessage("JMH wrote no result");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "[{}]",
        "[{}, {}]",
        "[1",
        "{\"a\": 1}",
        "[{\"mode\":\"avgt\",\"threads\":1,\"primaryMetric\":{\"score\":\"NaN\",\"scoreUnit\":\"ns/op\",\"rawData\":[[1]]}}]",
        "[{\"mode\":\"avgt\",\"threads\":1,\"primaryMetric\":{\"score\":1,\"scoreUnit\":\"fortnights/op\",\"rawData\":[[1]]}}]"
      })
  @DisplayName("a missing result, several results, or one without a score, are a failure")
  void wrong(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(IOException.class);
  }
}
