// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Ranges of memory that something other than {@code /proc/iomem} lists, with the names that Linux
 * gives such resources.
 *
 * @param what the list's name in sentences
 * @param ranges in ascending order, without overlaps
 */
record ListedMemory(String what, List<Listed> ranges) {
  /**
   * A range of the list.
   *
   * @param line the line that lists it
   * @param name what Linux calls the resource that it makes of it
   */
  record Listed(int line, PhysRange range, String name) {}

  ListedMemory {
    ranges = List.copyOf(ranges);
  }

  /**
   * A list whose ranges are put in order.
   *
   * @throws IllegalArgumentException if two ranges overlap; the sentence names file and line
   */
  static ListedMemory of(FileText file, String what, List<Listed> ranges) {
    List<Listed> sorted = ranges.stream().sorted(Comparator.comparing(Listed::range)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      Listed before = sorted.get(i - 1);
      Listed after = sorted.get(i);
      if (before.range().overlaps(after.range())) {
        throw file.error(
            Math.max(before.line(), after.line()),
            "%s overlaps %s of line %d; correct the addresses"
                .formatted(after.range(), before.range(), Math.min(before.line(), after.line())));
      }
    }
    return new ListedMemory(what, sorted);
  }

  /** With ranges that adjoin and have one name as one range, as the kernel has them. */
  ListedMemory merged() {
    List<Listed> merged = new ArrayList<>();
    for (Listed next : ranges) {
      Listed last = merged.isEmpty() ? null : merged.getLast();
      if (last != null
          && last.name().equals(next.name())
          && last.range().endInclusive() + 1 == next.range().start()) {
        merged.set(
            merged.size() - 1,
            new Listed(
                last.line(),
                new PhysRange(last.range().start(), next.range().endInclusive()),
                last.name()));
      } else {
        merged.add(next);
      }
    }
    return new ListedMemory(what, merged);
  }

  MachineDescription machine(String source) {
    StringBuilder text = new StringBuilder();
    for (Listed one : ranges) {
      text.append(
          "%08x-%08x : %s\n"
              .formatted(one.range().start(), one.range().endInclusive(), one.name()));
    }
    return MachineDescription.parse(text.toString(), source);
  }
}
