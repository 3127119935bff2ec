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
 * <p>Thread safety: the map is concurrent.
 */
final class Troubles {
  private static final String UNKNOWN = "of the store";

  private final Nodes nodes;
  private final PageKeys keys;
  private final Map<String, String> last = new ConcurrentHashMap<>();

  Troubles(Nodes nodes, PageKeys keys) {
    this.nodes = nodes;
    this.keys = keys;
  }

  /**
   * Notes it for the node that has a page.
   *
   * @param page negative for what is of the whole store
   */
  void note(long page, Trouble trouble) {
    last.put(
        node(page),
        "%s: %s"
            .formatted(
                LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS),
                trouble.sentence()));
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
