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

  @Test
  @DisplayName("each node of the store has its meters, also one that is heard of later")
  void nodes() throws InterruptedException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    double last;
    try (RemoteMemory memory =
        RemoteMemory.open(
            new ToyStore.Location(folder.resolve("nodes")),
            (long) PAGES * PAGE,
            RemoteMemory.resident((long) RESIDENT * PAGE))) {
      memory.advise(0, memory.byteSize(), Advice.RANDOM);
      new RemoteMemoryMetrics(memory).bindTo(registry);
      memory.putLong(0, 1);
      memory.putLong(PAGE, 1);
      memory.flush();
      awaitNode(registry, "0", "written.pages", memory.figures().written());
      assertThat(ofNode(registry, "0", "written.bytes"))
          .isEqualTo(memory.figures().bytesWritten())
          .isPositive();
      assertThat(ofNode(registry, "0", "read.pages")).isPositive();
      assertThat(ofNode(registry, "0", "read.bytes"))
          .isEqualTo(PAGE * ofNode(registry, "0", "read.pages"));
      assertThat(ofNode(registry, "0", "refusals")).isEqualTo(1001);
      assertThat(ofNode(registry, "0", "outages")).isEqualTo(1002);
      assertThat(ofNode(registry, "0", "read.time")).isEqualTo(1003);
      assertThat(ofNode(registry, "0", "write.time")).isEqualTo(1005);
      assertThat(longest(registry, "read")).isEqualTo(1004);
      assertThat(longest(registry, "write")).isEqualTo(1006);
      assertThat(registry.find("memremap.pager.node.read.pages").tag("node", "1").meter()).isNull();
      memory.getLong(64L * PAGE);
      awaitNode(registry, "1", "read.pages", 1);
      assertThat(
              registry
                  .get("memremap.pager.node.read.pages")
                  .tag("node", "1")
                  .meter()
                  .getId()
                  .getTag("store"))
          .isEqualTo(memory.store().toString());
      last = ofNode(registry, "0", "written.pages");
    }
    assertThat(ofNode(registry, "0", "written.pages")).isEqualTo(last).isPositive();
  }

  /** The worker is asked once a second at most. Any meter that is read has new nodes registered. */
  private static void awaitNode(
      SimpleMeterRegistry registry, String node, String name, double expected)
      throws InterruptedException {
    while (registry.find("memremap.pager.node." + name).tag("node", node).meter() == null
        || ofNode(registry, node, name) < expected) {
      Thread.sleep(5);
      assertThat(gauge(registry, "resident")).isPositive();
    }
    assertThat(ofNode(registry, node, name)).isEqualTo(expected);
  }

  private static double ofNode(SimpleMeterRegistry registry, String node, String name) {
    return registry.get("memremap.pager.node." + name).tag("node", node).functionCounter().count();
  }

  private static double longest(SimpleMeterRegistry registry, String what) {
    return registry
        .get("memremap.pager.node.longest." + what)
        .tag("node", "0")
        .timeGauge()
        .value(TimeUnit.NANOSECONDS);
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
