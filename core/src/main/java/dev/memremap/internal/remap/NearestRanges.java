// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.remap;

import dev.memremap.cache.CacheMode;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Finds what would be granted in a refused range: the same range with other mapping types, or its
 * pieces between the places where a resource begins or ends.
 *
 * <p>Each piece begins at the first byte asked for or above it, so in ascending order the nearest
 * comes first ({@link dev.memremap.plan.Plan#nearest}).
 *
 * @param rules what answers
 */
record NearestRanges(RemapRules rules) {

  /** For the search only: what it finds is planned, and that plan notes its facts. */
  private static final Fact.Reader NEARBY = fact -> {};

  private static final int MOST_PIECES = 64;
  private static final int MOST_ANSWERS = 3;

  /** What works near a refused remap. */
  List<RemapPlan.Nearest> of(RemapPlan plan) {
    if (plan.size() == 0
        || RemapSentences.wraps(plan.offset(), plan.size())
        || rules.architecture().isBeyondAddressWidth(plan.offset(), NEARBY)) {
      return List.of();
    }
    List<RemapPlan.Nearest> found = new ArrayList<>();
    for (PhysRange piece : pieces(PhysRange.of(plan.offset(), plan.size()))) {
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
        found.add(new RemapPlan.Nearest(piece, types, direct));
      }
      if (found.size() == MOST_ANSWERS) {
        break;
      }
    }
    return found;
  }

  /** What works near a refused {@code ioremap} of a mode. */
  List<PhysRange> of(IoremapPlan plan, CacheMode mode) {
    if (rules.architecture().isBeyondAddressWidth(plan.range().start(), NEARBY)) {
      return List.of();
    }
    IoremapRules registers = new IoremapRules(rules, refused -> List.of());
    return pieces(plan.range()).stream()
        .filter(piece -> registers.plan(piece, mode).isGranted())
        .limit(MOST_ANSWERS)
        .toList();
  }

  /**
   * The range itself first, as far as the machine has addresses, then its pieces in ascending
   * order.
   */
  private List<PhysRange> pieces(PhysRange asked) {
    PhysRange range =
        rules.architecture().isBeyondAddressWidth(asked.endInclusive(), NEARBY)
            ? new PhysRange(asked.start(), rules.architecture().facts().lastAddress(NEARBY))
            : asked;
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
