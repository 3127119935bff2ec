// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.remap;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.arch.ArchitectureRules;
import dev.memremap.internal.memtype.Reservation;
import dev.memremap.plan.IoremapPlan;
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
 * get the mode UC-, or what an alias of them has.
 *
 * @param rules the tables, and IO-1, which both obey
 * @param near what a refused plan asks for the ranges near it
 */
record IoremapRules(RemapRules rules, Function<IoremapPlan, List<PhysRange>> near) {
  /** The plan for a range. */
  IoremapPlan plan(PhysRange range) {
    // what is mapped is whole pages, and all of each counts
    PhysRange pages = rules.pages(range);
    ArchitectureRules architecture = rules.architecture();
    CacheMode asked = architecture.registersMode();
    if (pages.sizeBytes() == 0) {
      // the whole address space, whose size no argument of 64 bits can say
      String sentence = architecture.beyondAddressWidth(range.endInclusive());
      return refused(range, new Refusal(Errno.EINVAL, Rule.IO_1, sentence), null);
    }
    Refusal refusal =
        architecture.newMappingRefusal(
            rules.resources(), rules.request(pages.start(), pages.sizeBytes(), 0));
    if (refusal != null) {
      return refused(range, refusal, null);
    }
    if (architecture.isBeyondAddressWidth(range.endInclusive())) {
      String sentence = architecture.beyondAddressWidth(range.endInclusive());
      return refused(range, new Refusal(Errno.EINVAL, Rule.D_9, sentence), Rule.D_9);
    }
    Reservation type = rules.memtypes().checkAlias(pages, asked);
    if (type instanceof Reservation.Refused taken) {
      return refused(range, taken.why(), null);
    }
    Reservation.Granted granted = (Reservation.Granted) type;
    AccessPath path = rules.memory().accessPath(range, asked, granted.mode());
    return path instanceof AccessPath.Blocked blocked
        ? refused(range, blocked.why(), null)
        : IoremapPlan.granted(range, granted.rule(), granted.reason(), path.orThrow());
  }

  private IoremapPlan refused(PhysRange range, Refusal refusal, @Nullable Rule departure) {
    return IoremapPlan.refused(range, refusal, departure, near);
  }
}
