// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.store.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sixteen platform threads and two hundred virtual ones read and write a memory that is larger than
 * what may be in memory, and know what they wrote.
 */
@NeedsUserfaultfd
@Execution(ExecutionMode.CONCURRENT) // its tests wait for JVMs of their own
class HammerTest {
  private static final long SMALL = 2 << 20;
  private static final long SMALL_RESIDENT = 128 * 4096;
  private static final long LARGE = 256L << 20;
  private static final long LARGE_RESIDENT = 64L << 20;

  @TempDir private Path folder;

  private HammeredJvm hammer(List<String> options, long bytes, long resident, long misses)
      throws IOException {
    return HammeredJvm.start(
        options,
        Hammer.class,
        FileStore.at(folder.resolve("store" + bytes)).uri(),
        bytes,
        resident,
        16,
        200,
        misses);
  }

  /** Runs it to its end, and looks all the time how much memory it has; returns what it said. */
  private String passes(List<String> options, long bytes, long resident, long misses)
      throws Exception {
    try (HammeredJvm jvm = hammer(options, bytes, resident, misses)) {
      jvm.await("open");
      long most = 0;
      while (jvm.isAlive()) {
        most = Math.max(most, jvm.residentBytes());
        Thread.sleep(200);
      }
      assertThat(jvm.end(60)).as(jvm.said()).isZero();
      assertThat(jvm.said()).contains("closed").doesNotContain("WRONG", "pager:");
      assertThat(most).isLessThanOrEqualTo(resident);
      return jvm.said();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Serial", "Parallel", "G1", "Z", "Shenandoah"})
  @DisplayName("No access is lost, torn or doubled where races hit, with each collector")
  void small(String collector) throws Exception {
    passes(List.of("-Xmx256m", "-XX:+Use%sGC".formatted(collector)), SMALL, SMALL_RESIDENT, 25_000);
  }

  @Test
  @DisplayName("No access is lost, torn or doubled at four times the resident size")
  void large() throws Exception {
    passes(List.of("-Xmx512m", "-XX:+UseParallelGC"), LARGE, LARGE_RESIDENT, 75_000);
  }

  /** All collectors, or the one that the option names: each takes minutes. */
  static List<String> collectors() {
    String chosen = System.getProperty("dev.memremap.pager.collector", "");
    return chosen.isEmpty()
        ? List.of("Serial", "Parallel", "G1", "Z", "Shenandoah")
        : List.of(chosen);
  }

  @Tag("thorough")
  @ParameterizedTest
  @MethodSource("collectors")
  @DisplayName("Two million misses with each collector, at both sizes")
  void longRun(String collector) throws Exception {
    List<String> options = List.of("-Xmx768m", "-XX:+Use%sGC".formatted(collector));
    System.out.println(passes(options, SMALL, SMALL_RESIDENT, 1_000_000));
    System.out.println(passes(options, LARGE, LARGE_RESIDENT, 1_000_000));
  }

  @Test
  @DisplayName("The check finds a worker that does not protect a page before it reads it")
  void findsTheMissingProtection() throws Exception {
    List<String> options =
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-Ddev.memremap.pager.worker=" + UnprotectedWorker.class.getName());
    try (HammeredJvm jvm = hammer(options, SMALL, SMALL_RESIDENT, Long.MAX_VALUE)) {
      assertThat(jvm.end(120)).as(jvm.said()).isEqualTo(9);
      assertThat(jvm.said()).contains("WRONG: thread");
    }
  }
}
