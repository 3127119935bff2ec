// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.benchmarks.Subject.Benchmarked;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Param;

class GoalsTest {
  private static Stream<Benchmarked> benchmarks() {
    return Goals.all().stream()
        .flatMap(row -> Stream.concat(Stream.of(row.ours()), Stream.ofNullable(row.peer())))
        .filter(Benchmarked.class::isInstance)
        .map(Benchmarked.class::cast)
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("benchmarks")
  @DisplayName("every benchmark of a row exists, and so do its parameters")
  void exists(Benchmarked benchmark) {
    List<Method> methods =
        Arrays.stream(benchmark.owner().getMethods())
            .filter(method -> method.getName().equals(benchmark.method()))
            .toList();
    assertThat(methods).hasSize(1);
    assertThat(methods.getFirst().isAnnotationPresent(Benchmark.class)).isTrue();
    List<String> params =
        Stream.concat(
                Stream.of(benchmark.owner()), Arrays.stream(methods.getFirst().getParameterTypes()))
            .flatMap(state -> Arrays.stream(state.getDeclaredFields()))
            .filter(field -> field.isAnnotationPresent(Param.class))
            .map(Field::getName)
            .toList();
    assertThat(params).containsAll(benchmark.params().keySet());
  }

  @ParameterizedTest
  @MethodSource("benchmarks")
  @DisplayName("run by JMH alone, a benchmark has three forks at least")
  void forks(Benchmarked benchmark) {
    Fork fork = benchmark.owner().getAnnotation(Fork.class);
    assertThat(fork).isNotNull();
    assertThat(fork.value()).isGreaterThanOrEqualTo(3);
  }

  @Test
  @DisplayName("names are unique, and the points stand in their order")
  void names() {
    assertThat(Goals.all()).extracting(Comparison::name).doesNotHaveDuplicates();
    assertThat(Goals.all())
        .extracting(Comparison::point)
        .isSortedAccordingTo(Comparator.naturalOrder());
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/performance.md"})
  @DisplayName("the rows that a document asks for exist")
  void documents(String document) throws IOException {
    List<String> places =
        Files.readAllLines(Path.of("..", document)).stream()
            .filter(line -> line.startsWith("<!-- memremap bench"))
            .toList();
    assertThat(places).hasSize(1);
    List<String> words = List.of(places.getFirst().split(" ", -1));
    assertThat(Goals.all())
        .extracting(Comparison::name)
        .containsAll(words.subList(3, words.size() - 1));
  }

  @Test
  @DisplayName("a row that could not be judged is refused")
  void refused() {
    Subject ours = Benchmarked.of(ReferenceBenchmark.class, "percpuGetPut");
    assertThatThrownBy(
            () -> Comparison.alone(Point.SCALE, "scale-a", "a", ours, Goal.ratioAtMost(2)))
        .hasMessage("scale-a has a ratio for its goal and no peer");
    assertThatThrownBy(() -> Comparison.alone(Point.SCALE, "remap-a", "a", ours, Goal.none()))
        .hasMessageContaining("write scale-…");
    assertThatThrownBy(
            () -> Comparison.of(Point.SCALE, "scale-a", "a", ours, "", ours, Goal.none()))
        .hasMessageContaining("names a peer it lacks");
  }
}
