// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.space.Provenance;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The registers of a machine that are not closed yet, and where they were mapped if the machine
 * traces that.
 *
 * <p>Thread safety: {@code live} is concurrent.
 */
final class LiveRegisters {
  private final Map<IoMemory, Optional<Provenance>> live = new ConcurrentHashMap<>();

  void add(IoMemory registers, @Nullable Provenance madeAt) {
    live.put(registers, Optional.ofNullable(madeAt));
  }

  void remove(IoMemory registers) {
    live.remove(registers);
  }

  /** As they are now, in no order. */
  Set<IoMemory> all() {
    return Set.copyOf(live.keySet());
  }

  /** Where these were mapped, innermost frame first; empty if that was not traced. */
  List<String> madeAt(IoMemory registers) {
    return Provenance.lines(live.getOrDefault(registers, Optional.empty()).orElse(null));
  }
}
