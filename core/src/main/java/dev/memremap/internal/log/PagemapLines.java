// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.log;

import static dev.memremap.internal.log.KernelLines.dumpOnce;
import static dev.memremap.internal.log.KernelLines.line;
import static dev.memremap.internal.log.KernelLines.warning;

import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.resource.Intersection;
import dev.memremap.rule.KernelLine;
import java.util.ArrayList;
import java.util.List;

/**
 * The words of the lines that a kernel logs about {@code memremap_pages}; the rule that decides
 * asks for them.
 */
public final class PagemapLines {
  private static final String MAKER = "memremap_pages";
  private static final String ADDER = "__add_pages";

  private PagemapLines() {}

  // ---- the whole map -----------------------------------------------------------------------

  /** DP-1. */
  public static List<KernelLine> noRange() {
    return warning(true, MAKER, "nr_range must be specified");
  }

  /** DP-6. */
  public static List<KernelLine> tooLargeFolio() {
    return warning(true, MAKER, "requested folio size unsupported");
  }

  /** D-1: kernels warn and go on. */
  public static List<KernelLine> noType() {
    return warning(false, MAKER, "Invalid pgmap type 0");
  }

  /** TY-1. */
  public static List<KernelLine> missing(String what) {
    return warning(false, MAKER, "Missing " + what);
  }

  // ---- a range -----------------------------------------------------------------------------

  /** DP-5: an altmap serves one range. */
  public static List<KernelLine> altmapOfSeveral() {
    return warning(true, MAKER, "altmap not supported for multiple ranges");
  }

  /** DP-5: a live map is there. */
  public static List<KernelLine> conflicting() {
    return warning(false, MAKER, "Conflicting mapping in same section");
  }

  /** C-3. */
  public static List<KernelLine> onRam(Intersection ram, long start, long endInclusive) {
    return warning(
        true,
        MAKER,
        "attempted on %s region 0x%x-0x%x"
            .formatted(ram == Intersection.MIXED ? "mixed" : "ram", start, endInclusive));
  }

  /**
   * C-13: a range ends beyond the last address that page maps may have.
   *
   * @param last that address
   */
  public static List<KernelLine> beyond(long start, long endInclusive, long last) {
    return List.of(
        line(
            "Hotplug memory [0x%x-0x%x] exceeds maximum addressable range [0x0-0x%x]"
                .formatted(start, endInclusive + 1, last)));
  }

  /**
   * C-13: the line of a kernel that checks the last address only when it adds the pages (row 19).
   *
   * @param last the last address that page maps may have
   */
  public static List<KernelLine> beyondWhenAdded(long start, long endInclusive, long last) {
    return failing(
        warning(
            false,
            ADDER,
            "Hotplugged memory exceeds maximum addressable address, range=0x%x-0x%x, maximum=0x%x"
                .formatted(start, endInclusive, last)));
  }

  /** AM-6. */
  public static List<KernelLine> invalidAltmap() {
    return failing(List.of(new KernelLine("memory add fail, invalid altmap", true, "")));
  }

  /** C-4: a range that does not consist of whole subsections. */
  public static List<KernelLine> misaligned(long firstPfn, long lastPfn, KernelRules kernel) {
    return failing(
        warning(
            false,
            ADDER,
            "Misaligned __add_pages start: 0x%x end: %s%x"
                .formatted(
                    firstPfn,
                    kernel.has(KernelChange.MISALIGNED_END_IS_HEX) ? "0x" : "#",
                    lastPfn)));
  }

  /** C-2 and D-13: pages could not be added, and no line says why. */
  public static List<KernelLine> pagesNotAdded() {
    return failing(List.of());
  }

  /** A granted range, in a kernel that says how long its page structures took. */
  public static List<KernelLine> initialised(long pages, KernelRules kernel) {
    return kernel.has(KernelChange.INITIALISES_IN_SILENCE)
        ? List.of()
        : List.of(line("memmap_init_zone_device initialised %d pages in TIMEms".formatted(pages)));
  }

  /** What ends in an error of {@code add_pages}, which warns of that once. */
  private static List<KernelLine> failing(List<KernelLine> lines) {
    List<KernelLine> all = new ArrayList<>(lines);
    all.add(dumpOnce("add_pages"));
    return all;
  }
}
