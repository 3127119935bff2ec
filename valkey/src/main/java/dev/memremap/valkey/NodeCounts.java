// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.NodeFigures;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts by node what nodes gave and took, and how long that took. What was asked over Lettuce
 * counts for the node that has the page as far as is known, also if that one sends Lettuce on.
 *
 * <p>Thread safety: both maps are concurrent, and adders safe for many threads.
 */
final class NodeCounts {
  private final Nodes nodes;
  private final PageKeys keys;
  private final Map<String, OfNode> byName = new ConcurrentHashMap<>();

  /** Each by its address as well, so that a fault makes no name. */
  private final Map<Place.Host, OfNode> byHost = new ConcurrentHashMap<>();

  /** Where there is one only, whatever its address is just now. */
  private final @Nullable OfNode sole;

  NodeCounts(Nodes nodes, PageKeys keys) {
    this.nodes = nodes;
    this.keys = keys;
    this.sole =
        nodes.nameOf(keys.lease()).isEmpty()
            ? nodes.masters().keySet().stream().findFirst().map(this::named).orElse(null)
            : null;
  }

  /** What one node did. */
  static final class OfNode {
    private final LongAdder pagesRead = new LongAdder();
    private final LongAdder pagesWritten = new LongAdder();
    private final LongAdder refusals = new LongAdder();
    private final LongAdder outages = new LongAdder();
    private final Times reads = new Times();
    private final Times writes = new Times();

    /** It gave pages. */
    void gave(int pages, long nanos) {
      pagesRead.add(pages);
      reads.add(nanos);
    }

    /** It took pages. */
    void took(int pages, long nanos) {
      pagesWritten.add(pages);
      writes.add(nanos);
    }

    /** It refused a page, or did not answer. */
    void refused() {
      refusals.increment();
    }

    /** A page was given up. */
    void gaveUp() {
      outages.increment();
    }

    private NodeFigures figures(String name, int pageBytes) {
      long read = pagesRead.sum();
      long written = pagesWritten.sum();
      return new NodeFigures(
          name,
          read,
          read * pageBytes,
          written,
          written * pageBytes,
          refusals.sum(),
          outages.sum(),
          reads.all.sum(),
          reads.longest.get(),
          writes.all.sum(),
          writes.longest.get());
    }
  }

  /** Nanoseconds. */
  private static final class Times {
    private final LongAdder all = new LongAdder();

    /** It is written only by what took longer than all before. */
    private final LongAccumulator longest = new LongAccumulator(Math::max, 0);

    void add(long nanos) {
      all.add(nanos);
      longest.accumulate(nanos);
    }
  }

  /** The node at an address. */
  OfNode at(Place.Host host) {
    if (sole != null) {
      return sole;
    }
    OfNode found = byHost.get(host);
    return found != null ? found : byHost.computeIfAbsent(host, any -> named(host.toString()));
  }

  /** The node that has a page, as far as is known. */
  OfNode of(long page) {
    return sole != null ? sole : named(nodes.nameOf(keys.fence(keys.part(page))));
  }

  private OfNode named(String name) {
    return byName.computeIfAbsent(name, any -> new OfNode());
  }

  /** The figures of each node that is a master, or was one. */
  List<NodeFigures> figures() {
    nodes.masters().keySet().forEach(this::named);
    return new TreeMap<>(byName)
        .entrySet().stream()
            .map(each -> each.getValue().figures(each.getKey(), keys.pageBytes()))
            .toList();
  }
}
