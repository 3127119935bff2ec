// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.remap;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.arch.ArchitectureRules;
import dev.memremap.internal.memtype.Reservation;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ioremap} answers, from the tables that a {@code memremap} is answered from. Registers
 * get the mode that is asked for, or what an alias of them has.
 *
 * @param rules the tables, and IO-1, which both obey
 * @param near what a refused plan asks for the ranges near it
 */
record IoremapRules(RemapRules rules, Function<IoremapPlan, List<PhysRange>> near) {
  /**
   * The plan for a range.
   *
   * @param asked UC- or UC
   */
  IoremapPlan plan(PhysRange range, CacheMode asked) {
    PhysRange pages = rules.pages(range);
    ArchitectureRules architecture = rules.architecture();
    RemapPlan.Request request = rules.request(range.start(), range.sizeBytes(), 0);
    if (!architecture.isMeasured() && rules.memory().isReal()) {
      return byFile(range, request, asked);
    }
    architecture.requireRules(request);
    if (pages.sizeBytes() == 0) {
      // the whole address space, whose size no argument of 64 bits can say
      String sentence = architecture.beyondAddressWidth(range.endInclusive());
      return refused(range, request, new Refusal(Errno.EINVAL, Rule.IO_1, sentence), null);
    }
    Refusal refusal = architecture.newMappingRefusal(rules.resources(), request);
    if (refusal != null) {
      return refused(range, request, refusal, null);
    }
    if (architecture.isBeyondAddressWidth(range.endInclusive(), request)) {
      String sentence = architecture.beyondAddressWidth(range.endInclusive());
      return refused(range, request, new Refusal(Errno.EINVAL, Rule.D_9, sentence), Rule.D_9);
    }
    Reservation type = rules.memtypes().checkAlias(pages, asked, request);
    if (type instanceof Reservation.Refused taken) {
      return refused(range, request, taken.why(), null);
    }
    Reservation.Granted granted = (Reservation.Granted) type;
    AccessPath path = rules.memory().accessPath(range, asked, granted.mode());
    if (path instanceof AccessPath.Blocked blocked) {
      return refused(range, request, blocked.why(), null);
    }
    request.logs(() -> rules.severalBars(range, "CALLER"));
    String why =
        granted.rule() == Rule.MT_4 && request.region() != Intersection.DISJOINT
            ? "no whole page of System RAM that the kernel uses lies there, and " + granted.reason()
            : granted.reason();
    return IoremapPlan.granted(range, request, granted.rule(), why, path.orThrow());
  }

  /** C-19: without rules of the architecture the file decides (LIB-6). */
  private IoremapPlan byFile(PhysRange range, RemapPlan.Request request, CacheMode asked) {
    AccessPath path = rules.memory().accessPath(range, asked, asked);
    return path instanceof AccessPath.Blocked blocked
        ? refused(range, request, blocked.why(), null)
        : IoremapPlan.granted(range, request, Rule.LIB_6, RulesByFile.NO_RULES, path.orThrow());
  }

  private IoremapPlan refused(
      PhysRange range, RemapPlan.Request request, Refusal refusal, @Nullable Rule departure) {
    return IoremapPlan.refused(range, request, refusal, departure, near);
  }
}
