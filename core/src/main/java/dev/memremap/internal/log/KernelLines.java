// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.log;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.KernelLine;
import java.util.List;

/**
 * The words of the lines that a kernel logs about memremap and ioremap; the rule that decides asks
 * for them.
 */
public final class KernelLines {
  private static final String MEMREMAP = "memremap";
  private static final String IOREMAP = "__ioremap_caller";

  private KernelLines() {}

  // ---- how a line is printed ---------------------------------------------------------------

  /** A line that is printed each time. */
  static KernelLine line(String text) {
    return new KernelLine(text, false, "");
  }

  /** {@code WARN}: a line, and the stack dump of the function that prints it. */
  static List<KernelLine> warning(boolean onceABoot, String function, String text) {
    return List.of(new KernelLine(text, onceABoot, function));
  }

  /** {@code WARN_ON_ONCE}: a stack dump without a line before it. */
  static KernelLine dumpOnce(String function) {
    return new KernelLine("", true, function);
  }

  /** {@code [mem 0x40000000-0x40000fff]}. */
  static String mem(PhysRange range) {
    return "[mem 0x%08x-0x%08x]".formatted(range.start(), range.endInclusive());
  }

  // ---- memremap ----------------------------------------------------------------------------

  /** MR-3. */
  public static List<KernelLine> mixedRange(long offset, long size) {
    return warning(
        true,
        MEMREMAP,
        "memremap attempted on mixed range 0x%016x size: 0x%x".formatted(offset, size));
  }

  /** MR-5. */
  public static List<KernelLine> onRam(long offset, long size) {
    return warning(
        true, MEMREMAP, "memremap attempted on ram 0x%016x size: 0x%x".formatted(offset, size));
  }

  // ---- ioremap, which each new mapping of memremap goes through ----------------------------

  /** IO-1: the line comes each time, the dump once. */
  public static List<KernelLine> invalidAddress(long address) {
    return List.of(
        line("ioremap: invalid physical address %x".formatted(address)), dumpOnce(IOREMAP));
  }

  /** IO-1. */
  public static List<KernelLine> ioremapOnRam(PhysRange range) {
    return warning(
        true,
        IOREMAP,
        "ioremap on RAM at 0x%016x - 0x%016x".formatted(range.start(), range.endInclusive()));
  }

  /**
   * No memory type can be reserved.
   *
   * @param errno as a number, above 0
   */
  public static KernelLine noMemtype(int errno) {
    return line("ioremap memtype_reserve failed -%d".formatted(errno));
  }

  /** MT-8. */
  public static KernelLine otherMemtype(PhysRange pages, CacheMode asked, CacheMode found) {
    return line(
        "ioremap error for 0x%x-0x%x, requested 0x%x, got 0x%x"
            .formatted(pages.start(), pages.endInclusive() + 1, number(asked), number(found)));
  }

  /**
   * RES-12.
   *
   * @param spanned what the range goes beyond
   * @param caller the function that called
   */
  public static List<KernelLine> severalBars(
      PhysRange range, Resource spanned, String caller, KernelRules kernel) {
    KernelLine who = line("caller %s mapping multiple BARs".formatted(caller));
    if (kernel.has(KernelChange.SANITY_CHECK_DEBUGS)) {
      return List.of(who);
    }
    String form =
        kernel.has(KernelChange.SANITY_CHECK_PREFIX)
            ? "resource: resource sanity check: requesting [mem 0x%016x-0x%016x], which spans more than %s %s"
            : "resource sanity check: requesting [mem 0x%08x-0x%08x], which spans more than %s %s";
    return List.of(
        line(
            form.formatted(
                range.start(), range.endInclusive(), nameOf(spanned), mem(spanned.range()))),
        who);
  }

  private static String nameOf(Resource resource) {
    String name = resource.name();
    return name == null ? "(null)" : name;
  }

  // ---- memory types ------------------------------------------------------------------------

  /** MT-4. */
  public static KernelLine ramIsTaken(PhysRange pages, CacheMode track, CacheMode asked) {
    return line(
        "x86/PAT: reserve_ram_pages_type failed %s, track 0x%x, req 0x%x"
            .formatted(mem(pages), number(track), number(asked)));
  }

  /** MT-4: pages of System RAM cannot be UC, and get UC-; where that is decided is inlined. */
  public static List<KernelLine> strongRam(CacheMode asked) {
    return asked == CacheMode.UC ? List.of(dumpOnce("memtype_reserve")) : List.of();
  }

  /**
   * MT-5.
   *
   * @param found the type of the first entry in the range
   * @param other that of a later one
   * @param track the type wanted, after the MTRRs
   * @param asked the type wanted, before them
   */
  public static List<KernelLine> conflict(
      PhysRange range, CacheMode found, CacheMode other, CacheMode track, CacheMode asked) {
    return List.of(
        line(
            "x86/PAT: COMM:PID conflicting memory types %x-%x %s<->%s"
                .formatted(
                    range.start(), range.endInclusive() + 1, found.listName(), other.listName())),
        line(
            "x86/PAT: memtype_reserve failed %s, track %s, req %s"
                .formatted(mem(range), track.listName(), asked.listName())));
  }

  /** MT-10: a page map gets another type than its own. */
  public static KernelLine otherType(PhysRange pages, CacheMode want, CacheMode found) {
    return line(
        "x86/PAT: COMM:PID map pfn expected mapping type %s for %s, got %s"
            .formatted(want.listName(), mem(pages), found.listName()));
  }

  /** MT-10: System RAM keeps its type. */
  public static KernelLine ramHasType(PhysRange pages, CacheMode want, CacheMode there) {
    return line(
        "x86/PAT: COMM:PID map pfn RAM range req %s for %s, got %s"
            .formatted(want.listName(), mem(pages), there.listName()));
  }

  /** The kernel's number of a mode. */
  private static int number(CacheMode mode) {
    return switch (mode) {
      case WB -> 0;
      case WC -> 1;
      case UC_MINUS -> 2;
      case UC -> 3;
      case WT -> 4;
      case WP -> 5;
    };
  }
}
