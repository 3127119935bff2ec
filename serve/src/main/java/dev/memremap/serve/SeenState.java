// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.drawing.model.Overlay;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What lives on a machine of another JVM, as it was seen last. It asks for what changed since then
 * alone, unless the library of that JVM is one that tells everything each time.
 *
 * <p>Thread safety: {@code this} guards what was seen; one thread asks after the other.
 */
final class SeenState {
  private final long machine;
  private final Map<String, Overlay> seen = new TreeMap<>();
  private List<Overlay> all = List.of();
  private long version;

  SeenState(long machine) {
    this.machine = machine;
  }

  /** Looks again, and returns all of it. */
  synchronized List<Overlay> look(JvmLink link) throws IOException {
    if (!link.tellsChanges()) {
      all = List.copyOf(WatchText.overlays(link.state(machine)));
      return all;
    }
    WatchText.Changes changes = WatchText.changes(link.changes(machine, version));
    if (changes.isAll()) {
      seen.clear();
    }
    changes.gone().forEach(seen::remove);
    seen.putAll(changes.now());
    if (changes.isAll() || !changes.now().isEmpty() || !changes.gone().isEmpty()) {
      all = List.copyOf(seen.values());
    }
    version = changes.version();
    return all;
  }

  /** What was seen last. */
  synchronized List<Overlay> last() {
    return all;
  }
}
