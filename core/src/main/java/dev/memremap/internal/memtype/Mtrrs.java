// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import java.util.ArrayList;
import java.util.List;

/**
 * What the memory type range registers say: write-back everywhere but in some ranges.
 *
 * <p>Thread safety: immutable.
 *
 * @param uncachable the ranges that are not write-back
 * @param settled where that is known, apart and in ascending order; elsewhere it is the default
 *     type, or an assumption altogether
 * @param off whether they are switched off, so that the kernel decides
 */
public record Mtrrs(List<PhysRange> uncachable, List<PhysRange> settled, boolean off) {
  private static final List<PhysRange> EVERYWHERE = List.of(new PhysRange(0, -1));

  /** Copies the lists. */
  public Mtrrs {
    uncachable = List.copyOf(uncachable);
    settled = merged(settled);
  }

  /** Registers of which all is known. */
  public Mtrrs(List<PhysRange> uncachable) {
    this(uncachable, EVERYWHERE);
  }

  /** Registers that are switched on. */
  public Mtrrs(List<PhysRange> uncachable, List<PhysRange> settled) {
    this(uncachable, settled, false);
  }

  /** Registers that are switched off: all is write-back, or nothing is. */
  public static Mtrrs off(KernelRules kernel) {
    boolean isUncachable = kernel.has(KernelChange.NO_MTRRS_NO_WB);
    return new Mtrrs(isUncachable ? EVERYWHERE : List.of(), EVERYWHERE, true);
  }

  /**
   * Ranges that touch or overlap become one, so that a range lies in one of them or is not covered.
   */
  private static List<PhysRange> merged(List<PhysRange> ranges) {
    List<PhysRange> merged = new ArrayList<>();
    for (PhysRange next : ranges.stream().sorted().toList()) {
      if (merged.isEmpty() || isApart(merged.getLast(), next)) {
        merged.add(next);
        continue;
      }
      PhysRange last = merged.getLast();
      if (Long.compareUnsigned(next.endInclusive(), last.endInclusive()) > 0) {
        merged.set(merged.size() - 1, new PhysRange(last.start(), next.endInclusive()));
      }
    }
    return List.copyOf(merged);
  }

  /** Whether a range begins beyond another and does not touch it. */
  private static boolean isApart(PhysRange before, PhysRange next) {
    return before.endInclusive() != -1
        && Long.compareUnsigned(next.start(), before.endInclusive() + 1) > 0;
  }

  /**
   * These registers with a range that is known to be write-back because the kernel has mapped it
   * so. What a register is known to say stays.
   */
  public Mtrrs withWriteBack(PhysRange range) {
    for (PhysRange uc : uncachable) {
      if (overlap(settled, uc, range)) {
        return this;
      }
    }
    return without(range);
  }

  /** These registers without a range that belongs to no real address, and so to none of them. */
  public Mtrrs without(PhysRange range) {
    List<PhysRange> rest = new ArrayList<>();
    for (PhysRange uc : uncachable) {
      if (!uc.overlaps(range)) {
        rest.add(uc);
        continue;
      }
      if (Long.compareUnsigned(uc.start(), range.start()) < 0) {
        rest.add(new PhysRange(uc.start(), range.start() - 1));
      }
      if (Long.compareUnsigned(uc.endInclusive(), range.endInclusive()) > 0) {
        rest.add(new PhysRange(range.endInclusive() + 1, uc.endInclusive()));
      }
    }
    List<PhysRange> known = new ArrayList<>(settled);
    known.add(range);
    return new Mtrrs(rest, known, off);
  }

  /** MT-2: whether all of a range is write-back; any other register in it wins. */
  public boolean isWriteBack(PhysRange range, Fact.Reader reader) {
    reader.reads(Fact.MTRRS);
    if (off) {
      KernelRules.noteRead(reader);
    }
    boolean writeBack = true;
    boolean known = contains(settled, range);
    for (PhysRange uc : uncachable) {
      if (uc.overlaps(range)) {
        writeBack = false;
        known = known || overlap(settled, uc, range);
      }
    }
    if (!known) {
      reader.reads(Fact.MTRR_DEFAULT);
    }
    return writeBack;
  }

  private static boolean contains(List<PhysRange> ranges, PhysRange range) {
    for (PhysRange each : ranges) {
      if (each.contains(range)) {
        return true;
      }
    }
    return false;
  }

  /** Whether some address lies in two ranges and in one of a list. */
  private static boolean overlap(List<PhysRange> ranges, PhysRange one, PhysRange other) {
    for (PhysRange each : ranges) {
      if (each.intersection(one).filter(other::overlaps).isPresent()) {
        return true;
      }
    }
    return false;
  }
}
