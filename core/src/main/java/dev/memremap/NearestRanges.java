// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What of a refused range would work, and how: the same range with other mapping types, or the
 * pieces of it between the places where a resource begins or ends.
 *
 * @param rules what answers
 */
record NearestRanges(RemapRules rules) {
  private static final int MOST_PIECES = 64;
  private static final int MOST_ANSWERS = 3;

  /**
   * A range that works.
   *
   * @param range the range
   * @param types the mapping types that each succeed on it alone
   * @param direct whether it is the direct map
   */
  record Nearest(PhysRange range, List<MemremapFlag> types, boolean direct) {
    /** {@code 0x98000000 4K (WB, WT or WC)}. */
    @Override
    public String toString() {
      StringBuilder names = new StringBuilder();
      for (int i = 0; i < types.size(); i++) {
        names.append(i == 0 ? "" : i == types.size() - 1 ? " or " : ", ").append(types.get(i));
      }
      return "0x%x %s (%s%s)"
          .formatted(
              range.start(),
              Memparse.format(range.sizeBytes()),
              names,
              direct ? ", the direct map" : "");
    }
  }

  /** The nearest ranges that work; none for a granted plan, or where nothing does. */
  List<Nearest> of(RemapPlan plan) {
    if (plan.isGranted()
        || plan.size() == 0
        || RemapSentences.wraps(plan.offset(), plan.size())
        || Long.compareUnsigned(plan.offset(), rules.description().lastAddress()) > 0) {
      return List.of();
    }
    PhysRange asked = PhysRange.of(plan.offset(), plan.size());
    long end =
        Long.compareUnsigned(asked.endInclusive(), rules.description().lastAddress()) > 0
            ? rules.description().lastAddress()
            : asked.endInclusive();
    PhysRange range = new PhysRange(asked.start(), end);
    List<Nearest> found = new ArrayList<>();
    for (PhysRange piece : pieces(range)) {
      List<MemremapFlag> types = new ArrayList<>();
      boolean direct = false;
      for (MemremapFlag type : List.of(MemremapFlag.WB, MemremapFlag.WT, MemremapFlag.WC)) {
        RemapPlan.Grant grant = rules.plan(piece.start(), piece.sizeBytes(), type.bit()).grant();
        if (grant != null) {
          types.add(type);
          direct |= grant.direct();
        }
      }
      if (!types.isEmpty()) {
        found.add(new Nearest(piece, types, direct));
      }
      if (found.size() == MOST_ANSWERS) {
        break;
      }
    }
    return found;
  }

  /** The range itself first, then its pieces in ascending order. */
  private List<PhysRange> pieces(PhysRange range) {
    NavigableSet<Long> cuts = new TreeSet<>(Long::compareUnsigned);
    cuts.add(range.start());
    for (Resource resource : rules.resources().root().children()) {
      addCuts(resource.range(), range, cuts);
    }
    for (PhysRange run : rules.resources().systemRamRunsIn(range)) {
      addCuts(run, range, cuts);
    }
    List<PhysRange> pieces = new ArrayList<>();
    pieces.add(range);
    for (long start : cuts) {
      Long next = cuts.higher(start);
      PhysRange piece = new PhysRange(start, next == null ? range.endInclusive() : next - 1);
      if (!piece.equals(range)) {
        pieces.add(piece);
      }
      if (pieces.size() > MOST_PIECES) {
        break;
      }
    }
    return pieces;
  }

  private static void addCuts(PhysRange of, PhysRange range, NavigableSet<Long> cuts) {
    if (of.overlaps(range)) {
      if (range.contains(of.start())) {
        cuts.add(of.start());
      }
      if (of.endInclusive() != -1 && range.contains(of.endInclusive() + 1)) {
        cuts.add(of.endInclusive() + 1);
      }
    }
  }
}
