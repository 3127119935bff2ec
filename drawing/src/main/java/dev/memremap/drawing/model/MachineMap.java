// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.machine.MachineDescription;
import dev.memremap.rule.Fact;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One machine's resources.
 *
 * @param name what the picture calls the machine; empty if it is the only one
 * @param areas its resources, sorted by start, without overlaps
 * @param end where its addresses end; null if that is not drawn
 */
public record MachineMap(String name, List<Area> areas, @Nullable AddressEnd end) {
  /** Checks the parts. */
  public MachineMap {
    Objects.requireNonNull(name, "name");
    areas = List.copyOf(areas);
    Area.requireSorted(areas);
  }

  /**
   * Where a machine's addresses end.
   *
   * @param last the last byte's address
   * @param assumed whether nothing says so
   */
  public record AddressEnd(long last, boolean assumed) {
    /** Returns where the addresses of a machine end. */
    public static AddressEnd of(MachineDescription machine) {
      boolean assumed =
          machine.facts().stream()
              .anyMatch(known -> known.fact() == Fact.PHYS_BITS && known.isAssumed());
      return new AddressEnd(machine.lastAddress(), assumed);
    }
  }
}
