// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import static dev.memremap.internal.kernel.KernelChange.LOOKS_BELOW_BASE;
import static dev.memremap.internal.kernel.KernelChange.STEPS_BY_ALIGNMENT;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds a range in which nothing is listed, as a kernel does: {@code get_free_mem_region} (RES-11,
 * rows 10 and 24 of {@code docs/kernels.md}). It answers as if it tried one place after the other,
 * and passes over those that the same resource is in the way of.
 *
 * <p>Thread safety: immutable.
 *
 * @param sectionBytes what a range for memory of a device is aligned to
 * @param end the first address that no free range is looked for at
 * @param belowBase whether what lies in the base is looked at, instead of all resources
 * @param byAlignment whether the next place is an alignment away, instead of the range's size
 */
record FreeRegions(long sectionBytes, long end, boolean belowBase, boolean byAlignment) {
  /**
   * The search of a kernel.
   *
   * @param end the first address beyond what page maps reach
   */
  static FreeRegions of(PageGeometry geometry, KernelRules kernel, long end) {
    return new FreeRegions(
        geometry.sectionBytes(), end, kernel.has(LOOKS_BELOW_BASE), kernel.has(STEPS_BY_ALIGNMENT));
  }

  /**
   * The first free range from the top of a base downwards, in whole sections.
   *
   * @param within what must not lie in the range: its children
   * @param base where to look
   * @param unused whether a range is not used although nothing is listed there
   * @throws MemremapException {@code ERANGE} if there is none, or {@link #refused}
   */
  PhysRange downwards(Resource within, PhysRange base, long size, Predicate<PhysRange> unused) {
    long bytes = aligned(requireSize(size), sectionBytes);
    if (bytes == 0) {
      throw none(size, base);
    }
    long step = byAlignment ? sectionBytes : bytes;
    long start = lastOf(base) - bytes + 1;
    while (isAbove(start, step) && !isAbove(base.start(), start)) {
      PhysRange range = range(start, bytes);
      Resource inTheWay = firstIn(within, range);
      if (inTheWay == null && unused.test(range)) {
        return range;
      }
      long behind = inTheWay == null ? 0 : range.endInclusive() - inTheWay.range().start();
      long down = (Long.divideUnsigned(behind, step) + 1) * step;
      if (isAbove(down, start)) {
        break;
      }
      start -= down;
    }
    throw none(bytes, base);
  }

  /**
   * The first free range in a resource from the bottom upwards.
   *
   * @param align what it is aligned to, and its size a multiple of
   * @throws MemremapException {@code ERANGE} if there is none
   */
  PhysRange upwards(Resource base, long size, long align) {
    if (Long.bitCount(align) != 1) {
      throw new MemremapException(
          Errno.EINVAL,
          Rule.RES_11,
          "0x%x is not a power of two; align a free range to one".formatted(align));
    }
    long bytes = aligned(requireSize(size), align);
    if (bytes == 0) {
      throw none(size, base.range());
    }
    long step = byAlignment ? align : bytes;
    long from = base.range().start();
    // address 0 ends the search at once, so later kernels begin above it
    long start = aligned(byAlignment && isAbove(align, from) ? align : from, align);
    while (isAbove(start, start - step) && !isAbove(start, lastOf(base.range()))) {
      PhysRange range = range(start, bytes);
      Resource inTheWay = firstIn(base, range);
      if (inTheWay == null) {
        return range;
      }
      long behind = inTheWay.range().endInclusive() - start;
      long next = start + (Long.divideUnsigned(behind, step) + 1) * step;
      if (!isAbove(next, start)) {
        break;
      }
      start = next;
    }
    throw none(bytes, base.range());
  }

  /** That a range cannot be taken although nothing lies in it; no other is tried then. */
  MemremapException refused(PhysRange range, @Nullable MemremapException why) {
    return refused("the free range %s cannot be taken".formatted(range), why);
  }

  private MemremapException refused(String sentence, @Nullable MemremapException why) {
    Refusal refusal = new Refusal(belowBase ? Errno.ERANGE : Errno.ENOMEM, Rule.RES_11, sentence);
    return why == null ? new MemremapException(refusal) : new MemremapException(refusal, why);
  }

  /** A range that a base is too small for wraps around, and then cannot be taken. */
  private PhysRange range(long start, long bytes) {
    if (isAbove(start, start + bytes - 1)) {
      throw refused(
          "0x%x bytes from 0x%x reach beyond the last address".formatted(bytes, start), null);
    }
    return PhysRange.of(start, bytes);
  }

  private static @Nullable Resource firstIn(Resource within, PhysRange range) {
    List<Resource> children = within.children();
    int i = within.firstChildReaching(range.start());
    return i < children.size() && children.get(i).range().overlaps(range) ? children.get(i) : null;
  }

  private long lastOf(PhysRange base) {
    return isAbove(base.endInclusive(), end - 1) ? end - 1 : base.endInclusive();
  }

  private static long requireSize(long size) {
    if (size == 0) {
      throw new MemremapException(
          Errno.EINVAL, Rule.RES_11, "a free range needs a size of at least one byte");
    }
    return size;
  }

  private static long aligned(long value, long align) {
    return (value + align - 1) & -align;
  }

  private static boolean isAbove(long a, long b) {
    return Long.compareUnsigned(a, b) > 0;
  }

  private static MemremapException none(long size, PhysRange base) {
    return new MemremapException(
        Errno.ERANGE,
        Rule.RES_11,
        "no free range of 0x%x bytes is left in %s".formatted(size, base));
  }
}
