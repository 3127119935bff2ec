// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What last went wrong at each node.
 *
 * <p>Thread safety: the map is concurrent, and the counts are safe for many threads.
 */
final class Troubles {
  private static final String UNKNOWN = "of the store";

  private final Nodes nodes;
  private final PageKeys keys;
  private final NodeCounts counts;
  private final Map<String, String> last = new ConcurrentHashMap<>();

  Troubles(Nodes nodes, PageKeys keys) {
    this.nodes = nodes;
    this.keys = keys;
    this.counts = new NodeCounts(nodes, keys);
  }

  /**
   * Notes it for the node that has a page, and counts it there.
   *
   * @param page negative for what is of the whole store
   */
  void note(long page, Trouble trouble) {
    if (page >= 0) {
      counts.of(page).refused();
    }
    last.put(
        node(page),
        "%s: %s"
            .formatted(
                LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS),
                trouble.sentence()));
  }

  /**
   * Counts that it was given up.
   *
   * @param page negative for what is of the whole store, which no node's count has
   */
  void gaveUp(long page) {
    if (page >= 0) {
      counts.of(page).gaveUp();
    }
  }

  /** Counts by node, also of what went well. */
  NodeCounts counts() {
    return counts;
  }

  private String node(long page) {
    String name = nodes.nameOf(page < 0 ? keys.lease() : keys.fence(keys.part(page)));
    if (!name.isEmpty()) {
      return name;
    }
    // there is one only
    return nodes.masters().keySet().stream().findFirst().orElse(UNKNOWN);
  }

  Map<String, String> byNode() {
    return last;
  }
}
