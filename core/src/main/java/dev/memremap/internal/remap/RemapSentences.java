// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.remap;

import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import java.util.List;

/**
 * What a plan says of the range it refuses.
 *
 * @param resources the resource tree as it stands
 */
record RemapSentences(ResourceSnapshot resources) {

  /** Why a mixed range is refused (MR-3). */
  String mixed(long offset, long size) {
    if (size == 0) {
      return "the size is 0, which here reads as a range over more than System RAM;"
          + " give the number of bytes";
    }
    if (wraps(offset, size)) {
      return "the range wraps around the end of the 64-bit address space and is mixed;"
          + " end it before that";
    }
    PhysRange range = PhysRange.of(offset, size);
    return "the range is partly %s and partly %s".formatted(firstRam(range), firstOther(range));
  }

  /** Why nothing but WB maps System RAM (MR-5). */
  String ram(long offset, long size, long flags) {
    if (size == 0) {
      return "the size is 0 and the offset lies inside System RAM; give the number of bytes";
    }
    if (wraps(offset, size)) {
      return "the range wraps around the end of the 64-bit address space and meets System RAM;"
          + " end it before that";
    }
    String ram = firstRam(PhysRange.of(offset, size));
    return MemremapFlag.WB.in(flags)
        ? "the range is %s, which the direct map does not serve here and nothing else maps"
            .formatted(ram)
        : "the range is %s, which only WB maps; give WB".formatted(ram);
  }

  static boolean wraps(long offset, long size) {
    return size != 0 && Long.compareUnsigned(offset + size - 1, offset) < 0;
  }

  /** The first System RAM in a range: {@code System RAM (00100000-3fffffff)}. */
  String firstRam(PhysRange range) {
    List<PhysRange> runs = resources.systemRamRunsIn(range);
    return runs.isEmpty()
        ? "System RAM"
        : "System RAM (" + bounds(runs.getFirst().intersection(range).orElseThrow()) + ")";
  }

  /** What a range has that no tree of {@code /proc/iomem} lists. */
  String gap(ResourceSnapshot softReserve, PhysRange range) {
    return softReserve.root().children().stream()
        .filter(child -> child.range().overlaps(range))
        .findFirst()
        .map(
            child ->
                "%s (%s), which the kernel lists apart"
                    .formatted(
                        child.name(), bounds(child.range().intersection(range).orElseThrow())))
        .orElse("a hole in which nothing is listed");
  }

  private String firstOther(PhysRange range) {
    for (Resource child : resources.root().children()) {
      PhysRange shared = child.range().intersection(range).orElse(null);
      if (shared != null && !child.isSystemRam()) {
        return child.name() + " (" + bounds(shared) + ")";
      }
    }
    return "another resource";
  }

  /** {@code 98000000-98000fff}, as the resource text writes it. */
  static String bounds(PhysRange range) {
    return "%08x-%08x".formatted(range.start(), range.endInclusive());
  }
}
