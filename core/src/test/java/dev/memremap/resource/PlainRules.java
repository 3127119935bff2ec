// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rules as SPEC words them, one node after the other and without a thought for speed, to hold
 * the real ones against.
 */
final class PlainRules {
  private PlainRules() {}

  static Intersection regionIntersects(
      Resource root, long start, long end, long flags, ResourceDesc desc) {
    int type = 0;
    int other = 0;
    for (Resource child : root.children()) {
      if (!overlaps(child, start, end)) {
        continue;
      }
      if (matches(child, flags, desc)) {
        type++;
        continue;
      }
      long from = max(child.range().start(), start);
      long to = min(child.range().endInclusive(), end);
      boolean covered = false;
      for (Resource below : descendants(child)) {
        if (!overlaps(below, start, end) || !matches(below, flags, desc)) {
          continue;
        }
        type++;
        if (Long.compareUnsigned(below.range().start(), from) > 0) {
          break;
        }
        if (Long.compareUnsigned(below.range().endInclusive(), to) >= 0) {
          covered = true;
          break;
        }
        from = max(from, below.range().endInclusive() + 1);
      }
      if (!covered) {
        other++;
      }
    }
    if (type == 0) {
      return Intersection.DISJOINT;
    }
    return other == 0 ? Intersection.INTERSECTS : Intersection.MIXED;
  }

  static Optional<PhysRange> findNext(
      Resource root, long start, long end, long flags, ResourceDesc desc) {
    if (Long.compareUnsigned(start, end) >= 0) {
      return Optional.empty();
    }
    return descendants(root).stream()
        .filter(node -> overlaps(node, start, end) && matches(node, flags, desc))
        .findFirst()
        .map(
            node ->
                new PhysRange(
                    max(node.range().start(), start), min(node.range().endInclusive(), end)));
  }

  /** WK-2 as the kernel does it: find the next, go on behind it. */
  static List<PhysRange> walkSystemRam(Resource root, long firstPfn, long lastPfn) {
    List<PhysRange> runs = new ArrayList<>();
    BigInteger page = BigInteger.valueOf(0x1000);
    long ram = ResourceFlags.SYSTEM_RAM | ResourceFlags.BUSY;
    long start = firstPfn << 12;
    long end = (lastPfn << 12) + 0xfff;
    Optional<PhysRange> found = findNext(root, start, end, ram, ResourceDesc.NONE);
    while (found.isPresent()) {
      BigInteger from = unsigned(found.get().start());
      BigInteger behind = unsigned(found.get().endInclusive()).add(BigInteger.ONE);
      BigInteger first = from.add(page).subtract(BigInteger.ONE).divide(page);
      BigInteger next = behind.divide(page);
      if (first.compareTo(next) < 0) {
        runs.add(PhysRange.ofPfns(first.longValue(), next.longValue() - 1, 4096));
      }
      if (found.get().endInclusive() == -1) {
        break;
      }
      found = findNext(root, found.get().endInclusive() + 1, end, ram, ResourceDesc.NONE);
    }
    return runs;
  }

  static boolean spansSomethingIdle(Resource root, PhysRange range) {
    return descendants(root).stream()
        .filter(node -> overlaps(node, range.start(), range.endInclusive()) && !node.isBusy())
        .anyMatch(
            node ->
                node.range().firstPfn(4096) > range.firstPfn(4096)
                    || node.range().lastPfn(4096) < range.lastPfn(4096));
  }

  /** RES-8: the resource that a requested region would land in; null if the request fails. */
  static @Nullable Resource homeOfRegion(Resource root, PhysRange range) {
    Resource parent = root;
    while (true) {
      if (!parent.range().contains(range)) {
        return null;
      }
      Resource conflict = null;
      for (Resource child : parent.children()) {
        if (conflict == null && child.range().overlaps(range)) {
          conflict = child;
        }
      }
      if (conflict == null) {
        return parent;
      }
      if (conflict.isBusy()) {
        return null;
      }
      parent = conflict;
    }
  }

  static boolean overlaps(Resource node, long start, long end) {
    return Long.compareUnsigned(node.range().start(), end) <= 0
        && Long.compareUnsigned(node.range().endInclusive(), start) >= 0;
  }

  static boolean matches(Resource node, long flags, ResourceDesc desc) {
    return (node.flags() & flags) == flags && (desc == ResourceDesc.NONE || node.desc() == desc);
  }

  /** All below a node, in the order of /proc/iomem. */
  static List<Resource> descendants(Resource node) {
    List<Resource> all = new ArrayList<>();
    for (Resource child : node.children()) {
      all.add(child);
      all.addAll(descendants(child));
    }
    return all;
  }

  private static long max(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static long min(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}
