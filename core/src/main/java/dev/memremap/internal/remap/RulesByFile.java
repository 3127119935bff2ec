// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.remap;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.arch.ArchitectureRules;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.plan.RemapPlan.Grant;
import dev.memremap.plan.RemapPlan.Request;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What {@code memremap} answers on a computer whose architecture has no rules here (C-19): its
 * memory is reached by the system's files, and a mapping has the mode that its file gives (LIB-6).
 * What its kernel would answer is not known, and each plan says so.
 *
 * @param architecture the processor's
 * @param memory the computer's, which knows the files
 * @param near what a refused plan asks for the ranges near it
 */
record RulesByFile(
    ArchitectureRules architecture,
    PhysicalMemory memory,
    Function<RemapPlan, List<RemapPlan.Nearest>> near) {
  /** C-19 in a clause. */
  static final String NO_RULES =
      "its file decides, for rules of this architecture are missing (C-19)";

  /**
   * W-2: the first mapping type that some file gives.
   *
   * @param types the mapping types asked for, in the order they are tried
   */
  RemapPlan plan(Request request, List<MemremapFlag> types) {
    Refusal refusal = refusalOfAll(request, types);
    List<Attempt> attempts = new ArrayList<>();
    Grant grant = null;
    for (MemremapFlag type : types) {
      if (grant != null) {
        attempts.add(
            new Attempt.NotNeeded(type.name(), Rule.W_2, grant.type() + " succeeds before it"));
      } else if (refusal == null) {
        grant = attempt(request, type, attempts);
      }
    }
    if (grant != null) {
      return RemapPlan.granted(request, attempts, grant);
    }
    if (refusal == null) {
      Refusal last = attempts.getLast().refusal().orElseThrow();
      refusal = last.saying(RemapPlan.nothingSucceeded(request.flags(), attempts));
    }
    return RemapPlan.refused(request, attempts, refusal, null, near);
  }

  private @Nullable Grant attempt(Request request, MemremapFlag type, List<Attempt> attempts) {
    CacheMode asked = architecture.modeOf(type);
    AccessPath path = memory.accessPath(request.range(), asked, asked);
    if (path instanceof AccessPath.Blocked blocked) {
      attempts.add(new Attempt.Refused(type.name(), blocked.why()));
      return null;
    }
    AccessPath.Open open = path.orThrow();
    String reason = "a new mapping, %s, %s; %s".formatted(open.mode(), open.way(), NO_RULES);
    attempts.add(new Attempt.Granted(type.name(), Rule.LIB_6, reason));
    return new Grant(type, open.mode(), asked, false, false, open.way());
  }

  /** Why no file can serve a request, whatever lies there; null if one may. */
  private static @Nullable Refusal refusalOfAll(Request request, List<MemremapFlag> types) {
    if (types.isEmpty()) {
      return new Refusal(Errno.EINVAL, Rule.MR_6, "no mapping type is given; give WB, WT or WC");
    }
    if (request.size() == 0) {
      return new Refusal(Errno.EINVAL, Rule.MR_7, "the size is 0; give the number of bytes");
    }
    return request.wraps()
        ? new Refusal(
            Errno.EINVAL, Rule.IO_1, "the range wraps around the end of the 64-bit address space")
        : null;
  }
}
