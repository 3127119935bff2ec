// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.kernel.KernelChange.BEYOND_IS_EINVAL;

import dev.memremap.internal.arch.MachineFacts;
import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.log.PagemapLines;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the addresses of page maps end (C-13): where the direct map does, and in older kernels at a
 * power of two.
 *
 * @param end the first address beyond
 * @param width the first address that no machine's page maps reach
 * @param proven an address that all machines' page maps reach, and all below it
 * @param errno what is answered beyond the end
 */
record PagemapEnd(long end, long width, long proven, Errno errno) {
  static PagemapEnd of(Platform platform) {
    MachineFacts facts = platform.architecture().facts();
    long width = platform.geometry().physmemEnd();
    long end = platform.physmemEnd();
    return new PagemapEnd(
        end,
        width,
        Math.min(facts.lastProvenPhysmem(), end - 1),
        platform.kernel().has(BEYOND_IS_EINVAL) ? Errno.EINVAL : Errno.E2BIG);
  }

  /**
   * Why a range cannot have page structures; null if it lies below the end.
   *
   * @param last its last byte
   * @param reader told which facts the answer rests on
   */
  @Nullable Refusal refusal(long last, Fact.Reader reader) {
    if (Long.compareUnsigned(last, proven) <= 0) {
      return null;
    }
    if (Long.compareUnsigned(last, width) < 0) {
      reader.reads(Fact.PHYSMEM_END);
    }
    if (Long.compareUnsigned(last, end) < 0) {
      return null;
    }
    KernelRules.noteRead(reader);
    String where =
        end == width
            ? "2^" + Long.numberOfTrailingZeros(end)
            : "0x%x, where the direct map does".formatted(end);
    return new Refusal(
        errno, Rule.C_13, "page structures end at %s; take a range below that".formatted(where));
  }

  /** What a kernel logs of a range that does not lie below the end. */
  List<KernelLine> lines(long start, long last) {
    return errno == Errno.E2BIG
        // such a kernel adds one to the number of bits
        ? PagemapLines.beyondWhenAdded(start, last, 2 * end - 1)
        : PagemapLines.beyond(start, last, end - 1);
  }
}
