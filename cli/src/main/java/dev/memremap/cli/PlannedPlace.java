// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.NumberJson;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.PagemapRange;
import dev.memremap.resource.ResourceSnapshot;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a plan is asked for: a size that lies nowhere, or a range of a machine.
 *
 * @param extent as it was written
 * @param hole whether it is a range in which no resource lies
 */
record PlannedPlace(Words.Span extent, boolean hole) {
  static PlannedPlace on(MachineDescription machine, Words.Span extent) {
    return new PlannedPlace(extent, extent.hasStart() && isHole(machine, extent.range()));
  }

  /** What the kernel lists in a tree apart is no hole. */
  private static boolean isHole(MachineDescription machine, PagemapRange range) {
    long last = range.start() + (range.sizeBytes() == 0 ? 0 : range.sizeBytes() - 1);
    return Listed.isHole(new ResourceSnapshot(machine.root()), spot(range))
        && machine.softReserved().stream()
            .noneMatch(
                each ->
                    Long.compareUnsigned(each.start(), last) <= 0
                        && Long.compareUnsigned(each.endInclusive(), range.start()) >= 0);
  }

  private static Where.Spot spot(PagemapRange range) {
    return new Where.Spot(range.start(), range.sizeBytes(), Where.Extent.GIVEN, null);
  }

  boolean hasStart() {
    return extent.hasStart();
  }

  /** That no resource lies there, before all else that is said; nothing elsewhere. */
  List<String> lines() {
    return hole ? List.of(Listed.nothingAt(spot(extent.range()))) : List.of();
  }

  /** Adds what was asked for to a document. */
  void fill(ObjectNode node) {
    PagemapRange range = extent.range();
    ObjectNode asked = node.putObject("range");
    if (hasStart()) {
      RangeJson.fill(asked, range.start(), range.sizeBytes());
      node.put("hole", hole);
    } else {
      NumberJson.put(asked, "size", range.sizeBytes());
    }
  }
}
