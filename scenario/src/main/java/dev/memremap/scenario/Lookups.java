// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.page.DevPagemap;
import dev.memremap.rule.Rule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The references that a scenario's lookups hold by name, and the unmapping that waits for them. */
final class Lookups {
  private final Map<String, DevPagemap> held = new HashMap<>();

  boolean has(String name) {
    return held.containsKey(name);
  }

  @Nullable DevPagemap of(String name) {
    return held.get(name);
  }

  void took(String name, DevPagemap map) {
    held.put(name, map);
  }

  void lost(String name) {
    held.remove(name);
  }

  void putAll() {
    held.values().forEach(map -> RefOperations.undo(map::put));
    held.clear();
  }

  /** Whether an unmapping would wait: it does for its own reference's holders, never for others. */
  static boolean isBusy(DevPagemap map) {
    return map.ref().isEmpty() && map.outsideReferences() > 0;
  }

  /**
   * {@code busy}. A kernel waits for what lookups hold, too, but unmaps pages that are still taken
   * (D-4).
   *
   * @param maps those that would be waited for; at least one
   */
  Answer busy(List<DevPagemap> maps) {
    boolean lookedUp = maps.stream().anyMatch(held::containsValue);
    return new Answer(
        "busy",
        lookedUp ? Optional.empty() : Optional.of(Rule.D_4),
        false,
        maps.stream()
            .map(map -> "%d references to %s are held".formatted(map.outsideReferences(), map))
            .toList());
  }
}
