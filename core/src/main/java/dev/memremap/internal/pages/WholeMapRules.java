// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.kernel.KernelChange.COHERENT_EXISTS;
import static dev.memremap.internal.kernel.KernelChange.COMPOUND_PAGES;
import static dev.memremap.internal.kernel.KernelChange.FREES_FOLIOS;
import static dev.memremap.internal.kernel.KernelChange.LARGEST_FOLIO;

import dev.memremap.internal.arch.Platform;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.log.PagemapLines;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.PagemapPlan.Failed;
import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Rule;
import org.jspecify.annotations.Nullable;

/**
 * What a page map needs before its ranges are looked at: the first checks of C-13.
 *
 * @param platform the machine's processor and kernel
 */
record WholeMapRules(Platform platform) {
  /** Log2 of the largest folio in bytes, in kernels that check it. */
  private static final int LARGEST_FOLIO_SHIFT = 34;

  /** What a type can need, in our words and as a kernel logs it. */
  private enum Need {
    MIGRATE_TO_RAM("the callback migrate_to_ram", "migrate_to_ram method"),
    PAGE_FREE("the callback page_free", "page_free method"),
    FOLIO_FREE("the callback folio_free", "folio_free method"),
    OWNER("an owner", "owner");

    private final String words;
    private final String inLog;

    Need(String words, String inLog) {
      this.words = words;
      this.inLog = inLog;
    }

    String words() {
      return words;
    }

    String inLog() {
      return inLog;
    }
  }

  /**
   * Why a map is refused whatever its ranges are; null if it is not.
   *
   * @param departs whether the contract's departures hold
   * @param reader told which facts the answer rests on
   */
  @Nullable Failed check(DevPagemap map, boolean departs, Fact.Reader reader) {
    if (map.ranges().isEmpty()) {
      reader.logs(PagemapLines::noRange);
      return failed(Rule.DP_1, "it has no range; give the range of memory to map");
    }
    Failed compound = map.vmemmapShift() == 0 ? null : checkCompound(map.vmemmapShift(), reader);
    if (compound != null) {
      return compound;
    }
    MemoryType type = map.type().orElse(null);
    if (type == null) {
      reader.logs(PagemapLines::noType);
      return departs
          ? failed(
              Rule.D_1,
              "its type is not set; give one of PRIVATE, COHERENT,"
                  + " FS_DAX, GENERIC and PCI_P2PDMA")
          : null;
    }
    Failed unknown = type == MemoryType.COHERENT ? checkCoherent(reader) : null;
    if (unknown != null) {
      return unknown;
    }
    Need missing = missing(map, type);
    if (missing != null) {
      reader.logs(() -> PagemapLines.missing(missing.inLog()));
      return failed(Rule.TY_1, "a %s map needs %s; give it".formatted(type, missing.words()));
    }
    PercpuRef ref = map.ref().orElse(null);
    return ref != null && ref.isDying()
        ? failed(
            Rule.C_1,
            "the reference it was given is not live; map it before the reference is killed")
        : null;
  }

  private static Failed failed(Rule rule, String why) {
    return new Failed(Errno.EINVAL, rule, -1, why);
  }

  /** DP-6: whether the kernel has compound pages, and such large ones. */
  private @Nullable Failed checkCompound(int shift, Fact.Reader reader) {
    KernelRules.noteRead(reader);
    KernelRules kernel = platform.kernel();
    if (!kernel.has(COMPOUND_PAGES)) {
      return failed(
          Rule.C_12,
          "Linux %s maps no compound pages; leave the shift out".formatted(kernel.release()));
    }
    int largest = LARGEST_FOLIO_SHIFT - platform.geometry().pageShift();
    if (!kernel.has(LARGEST_FOLIO) || shift <= largest) {
      return null;
    }
    reader.logs(PagemapLines::tooLargeFolio);
    return failed(
        Rule.DP_6,
        "a compound page of 2^%d pages is larger than the largest folio, 2^%d pages; give at most that"
            .formatted(shift, largest));
  }

  private @Nullable Failed checkCoherent(Fact.Reader reader) {
    KernelRules.noteRead(reader);
    KernelRules kernel = platform.kernel();
    return kernel.has(COHERENT_EXISTS)
        ? null
        : failed(
            Rule.D_1,
            "Linux %s has no type COHERENT; take GENERIC or PRIVATE".formatted(kernel.release()));
  }

  /** TY-1: what a type needs and the map does not have, in the kernel's order. */
  private @Nullable Need missing(DevPagemap map, MemoryType type) {
    if (type == MemoryType.PRIVATE && map.ops().migrateToRam() == null) {
      return Need.MIGRATE_TO_RAM;
    }
    if (type == MemoryType.PRIVATE || type == MemoryType.COHERENT) {
      if (map.ops().pageFree() == null) {
        return platform.kernel().has(FREES_FOLIOS) ? Need.FOLIO_FREE : Need.PAGE_FREE;
      }
      if (map.owner().isEmpty()) {
        return Need.OWNER;
      }
    }
    return null;
  }
}
