// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.PlainText;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A resource of a machine, with what lies in it.
 *
 * @param range its addresses
 * @param name what the machine calls it
 * @param kind what it is
 * @param onlyHere whether the other machine of a comparison lacks it
 * @param children sorted by start, each inside the range, without overlaps
 */
public record Area(PhysRange range, String name, Kind kind, boolean onlyHere, List<Area> children) {
  /** Checks the parts; of the children's order, too. */
  public Area {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    children = List.copyOf(children);
    requireSorted(children);
    if (!children.isEmpty()
        && !(range.contains(children.getFirst().range)
            && range.contains(children.getLast().range))) {
      throw new IllegalArgumentException("an area of %s is not inside it".formatted(range));
    }
  }

  /** Passes if areas are sorted by start and do not overlap. */
  static void requireSorted(List<Area> areas) {
    for (int i = 1; i < areas.size(); i++) {
      PhysRange before = areas.get(i - 1).range;
      PhysRange next = areas.get(i).range;
      if (Long.compareUnsigned(before.endInclusive(), next.start()) >= 0) {
        throw new IllegalArgumentException(
            "areas are sorted and do not overlap, and %s comes before %s".formatted(before, next));
      }
    }
  }

  /** Returns the resources in a tree, without its root. */
  public static List<Area> of(Resource root) {
    return of(root, each -> true, each -> false);
  }

  /**
   * Returns the resources in a tree, without its root.
   *
   * @param shown which are drawn; what lies in another takes its place
   * @param onlyHere which the other machine of a comparison lacks
   */
  public static List<Area> of(
      Resource root, Predicate<Resource> shown, Predicate<Resource> onlyHere) {
    List<Area> areas = new ArrayList<>();
    for (Resource child : Objects.requireNonNull(root, "root").children()) {
      List<Area> inside = of(child, shown, onlyHere);
      if (shown.test(child)) {
        areas.add(
            new Area(
                child.range(),
                child.name() == null ? "<BAD>" : PlainText.of(child.name()),
                kind(child),
                onlyHere.test(child),
                inside));
      } else {
        areas.addAll(inside);
      }
    }
    return areas;
  }

  /** A name that is not known is a driver's if it claims a part of a device. */
  private static Kind kind(Resource resource) {
    Kind kind = Kind.of(resource.kind());
    return kind == Kind.UNKNOWN && resource.isBusy() ? Kind.DRIVER : kind;
  }
}
