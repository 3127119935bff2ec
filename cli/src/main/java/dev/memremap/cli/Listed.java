// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What of a machine's resources lies at a place. */
final class Listed {
  private Listed() {}

  /**
   * A resource, and how deep it lies in others.
   *
   * @param depth from 0
   */
  record At(Resource resource, int depth) {}

  /** Those that share a byte with a range, in the order of {@code /proc/iomem}. */
  static List<At> in(ResourceSnapshot resources, PhysRange range) {
    List<At> found = new ArrayList<>();
    add(resources.root(), range, 0, found);
    return found;
  }

  private static void add(Resource parent, PhysRange range, int depth, List<At> found) {
    List<Resource> children = parent.children();
    for (int i = parent.firstChildReaching(range.start()); i < children.size(); i++) {
      Resource child = children.get(i);
      if (!child.range().overlaps(range)) {
        return;
      }
      found.add(new At(child, depth));
      add(child, range, depth + 1, found);
    }
  }

  /**
   * Whether no resource lies at a place. A size that is 0, or reaches beyond the last address,
   * counts as one byte. An empty tree, which this computer has without privilege, answers false:
   * nothing is known there.
   */
  static boolean isHole(ResourceSnapshot resources, Where.Spot spot) {
    PhysRange range = range(spot);
    Resource root = resources.root();
    int first = root.firstChildReaching(range.start());
    boolean isAny =
        first < root.children().size() && root.children().get(first).range().overlaps(range);
    return !isAny && !root.children().isEmpty();
  }

  /**
   * Whether no resource of a machine lies at a place, nor memory that its kernel lists in a tree
   * apart.
   */
  static boolean isHole(Machine machine, Where.Spot spot) {
    return isHole(machine.resources(), spot) && softReserved(machine, spot).isEmpty();
  }

  /** That a place has memory which the machine's kernel lists in a tree apart; empty if not. */
  static Optional<String> softReserved(Machine machine, Where.Spot spot) {
    return in(machine.softReserve(), range(spot)).stream()
        .findFirst()
        .map(
            at ->
                "Soft Reserved memory lies at %s, which kernels since 7.0 do not list in /proc/iomem"
                    .formatted(at.resource().range()));
  }

  private static PhysRange range(Where.Spot spot) {
    boolean isRange =
        spot.size() != 0
            && Long.compareUnsigned(spot.start() + (spot.size() - 1), spot.start()) >= 0;
    return PhysRange.of(spot.start(), isRange ? spot.size() : 1);
  }

  /** That nothing lies at a place, as a sentence. */
  static String nothingAt(Where.Spot spot) {
    return "no resource of the machine lies at " + Words.judged(spot.start(), spot.size());
  }
}
