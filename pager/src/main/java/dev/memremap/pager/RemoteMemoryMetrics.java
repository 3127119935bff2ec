// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/**
 * The figures of a remote memory in Micrometer: {@code new
 * RemoteMemoryMetrics(memory).bindTo(registry)}. All begin with {@code memremap.pager.} and have
 * the tag {@code store}. After the memory was closed, they stay as they were.
 *
 * <p>Accesses to pages that are in memory cost nothing, and so are counted nowhere: hits have no
 * number.
 *
 * <p>{@code memremap.pager.fault.latency}, with the tag {@code quantile}, is of all faults that
 * this worker has served. The worker is asked for it every ten seconds at most, and without
 * waiting, so a read gets the answer that is there.
 *
 * <p>Those that begin with {@code memremap.pager.node.} are of what the store says of its nodes,
 * {@code PageStore.nodes}, and have the tag {@code node}, too. A node that is heard of later, as
 * after a failover, gets them then. They count from when the worker that serves began. The worker
 * is asked for them once a second at most, and a read waits for its answer for a moment alone.
 *
 * <p>Micrometer is needed for this class alone, and this module does not depend on it.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code last} and {@code latencies}
 * are volatile, and each is replaced as a whole; {@code nodes} is concurrent.
 */
public final class RemoteMemoryMetrics implements MeterBinder {
  private static final String PREFIX = "memremap.pager.";
  private static final String PAGES = "pages";
  private static final String BYTES = "bytes";
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final List<String> QUANTILES = List.of("0.5", "0.99", "0.999", "1.0");

  private final RemoteMemory memory;
  private final String store;
  private volatile RemoteMemoryFigures last;
  private volatile List<Long> latencies = Collections.nCopies(QUANTILES.size(), 0L);
  private final NodeAnswers answers;
  private final List<NodeMeters> nodes = new CopyOnWriteArrayList<>();
  private final AtomicLong asked = new AtomicLong(System.nanoTime() - INTERVAL_NANOS);

  /** Reads the figures of a memory. */
  public RemoteMemoryMetrics(RemoteMemory memory) {
    this.memory = Objects.requireNonNull(memory, "memory");
    this.store = memory.store().toString();
    this.last = memory.figures();
    this.answers = new NodeAnswers(memory::askNodes);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bindOwn(registry);
    NodeMeters ofNodes = new NodeMeters(registry, store, answers);
    nodes.add(ofNodes);
    ofNodes.refresh();
  }

  private void bindOwn(MeterRegistry registry) {
    gauge(registry, "size", BYTES, "How large it is.", of -> memory.byteSize());
    gauge(registry, "resident", PAGES, "In memory.", RemoteMemoryFigures::resident);
    gauge(registry, "dirty", PAGES, "In memory, and not in the store.", RemoteMemoryFigures::dirty);
    gauge(registry, "pinned", PAGES, "They stay in memory.", RemoteMemoryFigures::pinned);
    gauge(registry, "poisoned", PAGES, "Their access fails.", RemoteMemoryFigures::poisoned);
    counter(registry, "faults", "faults", "For a missing page.", RemoteMemoryFigures::faults);
    counter(
        registry,
        "first.writes",
        "faults",
        "First writes to a clean page.",
        RemoteMemoryFigures::firstWrites);
    counter(
        registry,
        "read.ahead",
        PAGES,
        "Came in before they were asked for.",
        RemoteMemoryFigures::readAhead);
    counter(
        registry,
        "fetched",
        PAGES,
        "Came in by touch, pin and preload.",
        RemoteMemoryFigures::fetched);
    counter(registry, "evicted", PAGES, "Taken out of memory.", RemoteMemoryFigures::evicted);
    counter(registry, "written", PAGES, "Written to the store.", RemoteMemoryFigures::written);
    counter(registry, "read", BYTES, "Read from the store.", RemoteMemoryFigures::bytesRead);
    counter(registry, "stored", BYTES, "Written to the store.", RemoteMemoryFigures::bytesWritten);
    counter(
        registry,
        "outages",
        "outages",
        "The store did not give or take a page.",
        RemoteMemoryFigures::outages);
    counter(registry, "poisonings", PAGES, "Poisoned so far.", RemoteMemoryFigures::poisonedEver);
    counter(registry, "healed", PAGES, "Healed so far.", RemoteMemoryFigures::healed);
    counter(
        registry,
        "takeovers",
        "takeovers",
        "A worker took over from another.",
        RemoteMemoryFigures::takeovers);
    time(
        registry,
        "longest.stall",
        "What the longest fault took.",
        of -> of.longestStall().toNanos());
    time(
        registry,
        "last.takeover",
        "What the last takeover took.",
        of -> of.lastTakeover().toNanos());
    for (String quantile : QUANTILES) {
      int index = QUANTILES.indexOf(quantile);
      TimeGauge.builder(
              PREFIX + "fault.latency", () -> latencies().get(index), TimeUnit.NANOSECONDS)
          .description("How long faults took.")
          .tag("store", store)
          .tag("quantile", quantile)
          .strongReference(true)
          .register(registry);
    }
  }

  private RemoteMemoryFigures figures() {
    nodes.forEach(NodeMeters::refresh);
    try {
      RemoteMemoryFigures now = memory.figures();
      last = now;
      return now;
    } catch (IllegalStateException e) {
      return last; // it is closed
    }
  }

  private List<Long> latencies() {
    long before = asked.get();
    long now = System.nanoTime();
    if (now - before >= INTERVAL_NANOS && asked.compareAndSet(before, now)) {
      memory.askLatencies(String.join(" ", QUANTILES), text -> latencies = read(text));
    }
    return latencies;
  }

  private static List<Long> read(String text) {
    return Arrays.stream(text.split(" ")).map(Long::valueOf).toList();
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String unit,
      String says,
      ToDoubleFunction<RemoteMemoryFigures> figure) {
    Gauge.builder(PREFIX + name, this, of -> figure.applyAsDouble(of.figures()))
        .description(says)
        .baseUnit(unit)
        .tag("store", store)
        .strongReference(true)
        .register(registry);
  }

  /** The gauges keep this object alive, and so the counters. */
  private void counter(
      MeterRegistry registry,
      String name,
      String unit,
      String says,
      ToDoubleFunction<RemoteMemoryFigures> figure) {
    FunctionCounter.builder(PREFIX + name, this, of -> figure.applyAsDouble(of.figures()))
        .description(says)
        .baseUnit(unit)
        .tag("store", store)
        .register(registry);
  }

  private void time(
      MeterRegistry registry,
      String name,
      String says,
      ToDoubleFunction<RemoteMemoryFigures> nanos) {
    TimeGauge.builder(PREFIX + name, () -> nanos.applyAsDouble(figures()), TimeUnit.NANOSECONDS)
        .description(says)
        .tag("store", store)
        .strongReference(true)
        .register(registry);
  }
}
