// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import dev.memremap.resource.PhysRange;
import tools.jackson.databind.node.ObjectNode;

/** Ranges of addresses in JSON: {@code start}, {@code end}, which is in the range, and size. */
public final class RangeJson {
  private RangeJson() {}

  /** Adds the bounds and the size of a range to the object that it belongs to. */
  public static void fill(ObjectNode node, PhysRange range) {
    NumberJson.putAddress(node, "start", range.start());
    NumberJson.putAddress(node, "end", range.endInclusive());
    if (range.sizeBytes() == 0) {
      NumberJson.put(node, "size", NumberJson.ALL_ADDRESSES);
    } else {
      NumberJson.put(node, "size", range.sizeBytes());
    }
  }

  /**
   * Adds bytes that were asked for. The {@code end} is left out if there are zero, or if they go
   * beyond the last address.
   */
  public static void fill(ObjectNode node, long start, long size) {
    if (size != 0 && Long.compareUnsigned(start + (size - 1), start) >= 0) {
      fill(node, PhysRange.of(start, size));
    } else {
      NumberJson.putAddress(node, "start", start);
      NumberJson.put(node, "size", size);
    }
  }
}
