// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.store.NodeFigures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The meters of a store's nodes in one registry. A node gets its meters when it is first heard of,
 * in the thread that reads a meter.
 *
 * <p>Thread safety: {@code known} is concurrent, and the thread that adds a name to it registers
 * its meters.
 */
final class NodeMeters {
  private static final String PREFIX = "memremap.pager.node.";
  private static final String PAGES = "pages";
  private static final String BYTES = "bytes";
  private static final double NANOS_PER_SECOND = 1e9;

  private final MeterRegistry registry;
  private final String store;
  private final NodeAnswers answers;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  NodeMeters(MeterRegistry registry, String store, NodeAnswers answers) {
    this.registry = registry;
    this.store = store;
    this.answers = answers;
  }

  /** Registers the meters of nodes that are new. */
  void refresh() {
    for (String node : answers.now().keySet()) {
      if (known.add(node)) {
        register(node);
      }
    }
  }

  private void register(String node) {
    counter(node, "read.pages", PAGES, "Read from the node.", NodeFigures::pagesRead);
    counter(node, "read.bytes", BYTES, "Read from the node.", NodeFigures::bytesRead);
    counter(node, "written.pages", PAGES, "Written to the node.", NodeFigures::pagesWritten);
    counter(node, "written.bytes", BYTES, "Written to the node.", NodeFigures::bytesWritten);
    counter(
        node,
        "refusals",
        "refusals",
        "The node refused what it was asked for, or did not answer.",
        NodeFigures::refusals);
    counter(
        node,
        "outages",
        "outages",
        "What the node was asked for was given up.",
        NodeFigures::outages);
    counter(
        node,
        "read.time",
        "seconds",
        "What all reads took.",
        of -> of.readNanos() / NANOS_PER_SECOND);
    counter(
        node,
        "write.time",
        "seconds",
        "What all writes took.",
        of -> of.writeNanos() / NANOS_PER_SECOND);
    time(node, "longest.read", "What the longest read took.", NodeFigures::longestReadNanos);
    time(node, "longest.write", "What the longest write took.", NodeFigures::longestWriteNanos);
  }

  private double value(String node, ToDoubleFunction<NodeFigures> figure) {
    refresh();
    NodeFigures figures = answers.now().get(node);
    return figures == null ? 0 : figure.applyAsDouble(figures);
  }

  /** The longest times keep this object alive, and so the counters. */
  private void counter(
      String node, String name, String unit, String says, ToDoubleFunction<NodeFigures> figure) {
    FunctionCounter.builder(PREFIX + name, this, of -> of.value(node, figure))
        .description(says)
        .baseUnit(unit)
        .tag("store", store)
        .tag("node", node)
        .register(registry);
  }

  private void time(String node, String name, String says, ToLongFunction<NodeFigures> nanos) {
    TimeGauge.builder(PREFIX + name, () -> value(node, nanos::applyAsLong), TimeUnit.NANOSECONDS)
        .description(says)
        .tag("store", store)
        .tag("node", node)
        .strongReference(true)
        .register(registry);
  }
}
