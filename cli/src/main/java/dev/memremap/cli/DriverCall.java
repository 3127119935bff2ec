// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cache.CacheMode;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a call that drivers make would answer for a range. Each answer is a plan of the machine's.
 *
 * @param call the call, such as {@code memremap WB}
 * @param refusal why it fails; null if it succeeds
 * @param mode the cache mode that it gives; null if it fails or maps nothing
 * @param sentence the answer in a sentence
 * @param way the file it goes through, in words; empty if there is only one way
 * @param assumptions what the answer rests on and is assumed
 */
record DriverCall(
    String call,
    @Nullable Refusal refusal,
    @Nullable CacheMode mode,
    String sentence,
    String way,
    List<Fact.Known> assumptions) {
  static final String WB = "memremap WB";

  private static final String PAGES = "memremap_pages";

  /** The usual ones, in the order in which a driver makes them. */
  static List<DriverCall> of(Machine machine, PhysRange range) {
    List<DriverCall> calls = new ArrayList<>();
    Optional<Refusal> taken = machine.resources().landing(range).refusal();
    calls.add(
        answer(
            "request_mem_region",
            taken.orElse(null),
            null,
            taken.map(Refusal::sentence).orElse("nothing busy is in the way"),
            ""));
    DriverCall ioremap = asked("ioremap", () -> ofRegisters(machine.explainIoremap(range)));
    calls.add(devmIoremapResource(taken, ioremap));
    calls.add(ioremap);
    for (MemremapFlag type : List.of(MemremapFlag.WB, MemremapFlag.WT, MemremapFlag.WC)) {
      calls.add(asked("memremap " + type, () -> ofMemory(type, machine.explain(range, type))));
    }
    calls.add(asked(PAGES, () -> ofPages(machine, range)));
    return calls;
  }

  /**
   * Requests the region, and then maps it; each failure of the second step is ENOMEM. Where rules
   * are missing, the answer is C-19 instead.
   */
  private static DriverCall devmIoremapResource(Optional<Refusal> taken, DriverCall ioremap) {
    String call = "devm_ioremap_resource";
    if (taken.isPresent()) {
      return answer(call, taken.get(), null, "its request_mem_region fails", "");
    }
    Refusal why = ioremap.refusal;
    return why == null || why.rule() == Rule.C_19
        ? new DriverCall(
            call, why, ioremap.mode, ioremap.sentence, ioremap.way, ioremap.assumptions)
        : new DriverCall(
            call,
            new Refusal(Errno.ENOMEM, why.rule(), why.sentence()),
            null,
            "its ioremap fails",
            "",
            ioremap.assumptions);
  }

  private static DriverCall ofRegisters(IoremapPlan plan) {
    return new DriverCall(
        "ioremap",
        plan.refusal().orElse(null),
        plan.cacheMode().orElse(null),
        plan.sentence(),
        plan.way(),
        plan.assumptions());
  }

  private static DriverCall ofMemory(MemremapFlag type, RemapPlan plan) {
    RemapPlan.Grant grant = plan.grant();
    return new DriverCall(
        "memremap " + type,
        plan.refusal().orElse(null),
        grant == null ? null : grant.mode(),
        // the attempt says why it has that mode
        plan.isGranted() ? plan.attempts().getFirst().reason() : plan.sentence(),
        grant == null ? "" : grant.way(),
        plan.assumptions());
  }

  /** Of the range widened to multiples of 2 MiB, which start and size of a page map must be. */
  private static DriverCall ofPages(Machine machine, PhysRange range) {
    PhysRange whole = range.roundOutTo(PagesView.ALIGNMENT);
    PagemapPlan plan =
        machine.explainPages(DevPagemap.over(whole).type(MemoryType.GENERIC).build());
    return new DriverCall(
        PAGES,
        plan.refusal().orElse(null),
        null,
        plan.refusal()
            .map(Refusal::sentence)
            .orElseGet(() -> "a GENERIC page map of %s would be made".formatted(whole)),
        "",
        plan.assumptions());
  }

  private static DriverCall answer(
      String call, @Nullable Refusal refusal, @Nullable CacheMode mode, String said, String way) {
    return new DriverCall(call, refusal, mode, said, way, List.of());
  }

  /** An architecture without rules refuses to say (C-19). */
  private static DriverCall asked(String call, Supplier<DriverCall> plan) {
    try {
      return plan.get();
    } catch (MemremapException e) {
      return new DriverCall(call, e.refusal(), null, e.sentence(), "", e.assumptions());
    }
  }

  /** The bytes that it was asked for, where a driver asked for a range. */
  PhysRange asked(PhysRange range) {
    return call.equals(PAGES) ? range.roundOutTo(PagesView.ALIGNMENT) : range;
  }

  boolean isGranted() {
    return refusal == null;
  }

  /** {@code EBUSY: RES-8, …}, or {@code granted: …}. */
  String answer() {
    return refusal == null
        ? "granted: " + sentence
        : "%s: %s, %s".formatted(refusal.errno(), refusal.rule().id(), sentence);
  }
}
