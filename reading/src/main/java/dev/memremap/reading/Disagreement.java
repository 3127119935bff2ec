// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where two files say different things about one machine. */
final class Disagreement {
  private static final long ONE_MIB = 1L << 20;
  private static final String BOOT_RAM = "System RAM";

  private Disagreement() {}

  /**
   * How the firmware's map differs from the kernel's list, above the first MiB, whose holes Linux
   * makes by itself. RAM that a driver brought is in no firmware's map.
   */
  static Optional<String> ofRam(ListedMemory firmware, Resource root, String mapName) {
    List<PhysRange> usable =
        firmware.ranges().stream()
            .filter(range -> range.name().equals(BOOT_RAM))
            .map(ListedMemory.Listed::range)
            .toList();
    List<PhysRange> ram = new ArrayList<>();
    new ResourceSnapshot(root)
        .walk(
            (resource, depth) -> {
              if (BOOT_RAM.equals(resource.name())) {
                ram.add(resource.range());
              }
            });
    List<PhysRange> onlyFirmware = without(usable, ram);
    List<PhysRange> onlyMap = without(ram, usable);
    int more = onlyFirmware.size() + onlyMap.size() - 1;
    if (more < 0) {
      return Optional.empty();
    }
    String first =
        onlyFirmware.isEmpty()
            ? "%s is not usable here, and System RAM there".formatted(onlyMap.getFirst())
            : "%s is usable here, and not System RAM there".formatted(onlyFirmware.getFirst());
    return Optional.of(
        "it disagrees with %s: %s%s"
            .formatted(mapName, first, more == 0 ? "" : ", and %d more ranges".formatted(more)));
  }

  /** The parts above one MiB of some ranges that lie in none of the others; both ascending. */
  private static List<PhysRange> without(List<PhysRange> ranges, List<PhysRange> others) {
    List<PhysRange> left = new ArrayList<>();
    int first = 0;
    for (PhysRange range : ranges) {
      long next = Long.compareUnsigned(range.start(), ONE_MIB) < 0 ? ONE_MIB : range.start();
      boolean isDone = Long.compareUnsigned(next, range.endInclusive()) > 0;
      // what ends before this range ends before the ranges behind it, too
      while (first < others.size()
          && Long.compareUnsigned(others.get(first).endInclusive(), range.start()) < 0) {
        first++;
      }
      for (int i = first; i < others.size() && !isDone; i++) {
        PhysRange other = others.get(i);
        if (Long.compareUnsigned(other.endInclusive(), next) < 0) {
          continue;
        }
        if (Long.compareUnsigned(other.start(), range.endInclusive()) > 0) {
          break;
        }
        if (Long.compareUnsigned(next, other.start()) < 0) {
          left.add(new PhysRange(next, other.start() - 1));
        }
        isDone = Long.compareUnsigned(other.endInclusive(), range.endInclusive()) >= 0;
        next = other.endInclusive() + 1;
      }
      if (!isDone) {
        left.add(new PhysRange(next, range.endInclusive()));
      }
    }
    return left;
  }

  /** The first BAR that a map does not list where {@code lspci} has it. */
  static Optional<String> ofBars(List<Bar> bars, Resource root, String mapName) {
    List<Bar> missing =
        bars.stream().filter(bar -> !isListed(bar, new ResourceSnapshot(root))).toList();
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    Bar first = missing.getFirst();
    return Optional.of(
        "it disagrees with %s, which does not list BAR %d of %s at %s%s"
            .formatted(
                mapName,
                first.index(),
                first.device(),
                first.range(),
                missing.size() == 1 ? "" : ", and %d more BARs".formatted(missing.size() - 1)));
  }

  private static boolean isListed(Bar bar, ResourceSnapshot tree) {
    return tree.pathTo(bar.range().start()).stream()
        .anyMatch(
            resource ->
                bar.device().equals(resource.name()) && resource.range().equals(bar.range()));
  }
}
