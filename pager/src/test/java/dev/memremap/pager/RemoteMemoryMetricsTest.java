// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.toy.ToyStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Micrometer shows of a remote memory. */
@NeedsUserfaultfd
class RemoteMemoryMetricsTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 128;
  private static final int RESIDENT = 32;

  @TempDir private Path folder;

  @Test
  @DisplayName("each figure is a meter with the store's tag, and stays when the memory is closed")
  void figures() throws InterruptedException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RemoteMemoryFigures before;
    try (RemoteMemory memory =
        RemoteMemory.open(
            new ToyStore.Location(folder.resolve("a")),
            (long) PAGES * PAGE,
            RemoteMemory.resident((long) RESIDENT * PAGE))) {
      new RemoteMemoryMetrics(memory).bindTo(registry);
      for (int page = 0; page < PAGES; page++) {
        memory.putLong((long) page * PAGE, page);
      }
      memory.flush();
      before = memory.figures();
      assertThat(gauge(registry, "size")).isEqualTo(PAGES * PAGE);
      assertThat(gauge(registry, "resident")).isBetween(1.0, (double) RESIDENT);
      assertThat(gauge(registry, "dirty")).isZero();
      assertThat(counter(registry, "written").count()).isEqualTo(before.written()).isPositive();
      assertThat(counter(registry, "stored").count()).isEqualTo(before.bytesWritten());
      assertThat(counter(registry, "faults").count()).isPositive();
      assertThat(counter(registry, "faults").getId().getTag("store"))
          .isEqualTo(memory.store().toString());
      assertThat(counter(registry, "faults").getId().getBaseUnit()).isEqualTo("faults");
      assertThat(time(registry, "longest.stall").value(TimeUnit.NANOSECONDS)).isPositive();
      awaitLatency(registry);
    }
    assertThat(counter(registry, "written").count()).isEqualTo(before.written());
    Set<String> names =
        registry.getMeters().stream()
            .map(Meter::getId)
            .map(Meter.Id::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    // all figures, the size, and the latencies
    assertThat(names)
        .hasSize(RemoteMemoryFigures.class.getRecordComponents().length + 2)
        .allMatch(name -> name.startsWith("memremap.pager."));
  }

  private static double gauge(SimpleMeterRegistry registry, String name) {
    return registry.get("memremap.pager." + name).gauge().value();
  }

  private static FunctionCounter counter(SimpleMeterRegistry registry, String name) {
    return registry.get("memremap.pager." + name).functionCounter();
  }

  private static TimeGauge time(SimpleMeterRegistry registry, String name) {
    return registry.get("memremap.pager." + name).timeGauge();
  }

  /** The worker is asked once, and the answer comes when it comes. */
  private static void awaitLatency(SimpleMeterRegistry registry) throws InterruptedException {
    while (latency(registry, "1.0") == 0) {
      Thread.sleep(5);
    }
    assertThat(latency(registry, "0.5")).isPositive().isLessThanOrEqualTo(latency(registry, "1.0"));
  }

  private static double latency(SimpleMeterRegistry registry, String quantile) {
    return registry
        .get("memremap.pager.fault.latency")
        .tag("quantile", quantile)
        .timeGauge()
        .value(TimeUnit.NANOSECONDS);
  }
}
