// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.remap;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.arch.ArchitectureRules;
import dev.memremap.internal.crypt.TransformedView;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.log.KernelLines;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.memtype.Reservation;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.plan.RemapPlan.Grant;
import dev.memremap.plan.RemapPlan.Request;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code memremap} answers: a pure function of a machine's tables.
 *
 * <p>It first decides as a kernel does, MR-1 to MR-9 in their order, and then lays our departures
 * over it: D-8, D-9 and D-7 refuse what a kernel grants, so each is named only where a kernel does.
 *
 * @param architecture what the machine's processor decides, and what is known of the machine
 * @param kernel what the machine's kernel does otherwise than others
 * @param resources its resource tree as it stands
 * @param softReserve what its kernel lists in a tree apart
 * @param memtypes its memory types; asked, never changed
 * @param memory asked which path leads to a range, never for the bytes
 * @param near what a refused plan asks for the ranges near it
 */
public record RemapRules(
    ArchitectureRules architecture,
    KernelRules kernel,
    ResourceSnapshot resources,
    ResourceSnapshot softReserve,
    MemtypeTable memtypes,
    PhysicalMemory memory,
    Function<RemapPlan, List<RemapPlan.Nearest>> near) {
  private static final String DIRECT = "System RAM, through the direct map";
  private static final String ON_RAM = "System RAM is mapped by WB alone";
  private static final Attempt DIRECT_ATTEMPT = new Attempt.Granted(WB.name(), Rule.MR_4, DIRECT);

  /** What nearly each memremap of RAM tries. */
  private static final List<Attempt> DIRECT_ALONE = List.of(DIRECT_ATTEMPT);

  /** The mapping types of each combination of their bits, which are the lowest three. */
  private static final List<List<MemremapFlag>> TYPES =
      LongStream.rangeClosed(0, MemremapFlag.mask(WB, WT, WC))
          .mapToObj(bits -> Stream.of(WB, WT, WC).filter(type -> type.in(bits)).toList())
          .toList();

  /** The plan for a request. */
  RemapPlan plan(long offset, long size, long flags) {
    Request request = request(offset, size, flags);
    if (!architecture.isMeasured() && memory.isReal()) {
      return new RulesByFile(architecture, memory, near).plan(request, types(flags));
    }
    architecture.requireRules(request);
    return withDepartures(request, asKernelsDecide(request));
  }

  /** MR-1: a request, and how its range lies to System RAM. */
  Request request(long offset, long size, long flags) {
    return new Request(offset, size, flags, architecture.known()).comparedWith(resources);
  }

  /** MR-2 to MR-6, in the kernel's order. */
  private RemapPlan asKernelsDecide(Request request) {
    if (request.flags() == 0) {
      return refused(
          request,
          List.of(),
          new Refusal(Errno.EINVAL, Rule.MR_2, "no flags are given; give WB, WT or WC"));
    }
    if (request.region() == Intersection.MIXED) {
      return mixed(request);
    }
    Refusal directRefusal = null;
    if (request.region() == Intersection.INTERSECTS && WB.in(request.flags())) {
      directRefusal = architecture.directMapRefusal(resources, request);
      if (directRefusal == null) {
        return throughDirectMap(request);
      }
    }
    return byNewMapping(request, directRefusal);
  }

  private RemapPlan mixed(Request request) {
    request.logs(() -> KernelLines.mixedRange(request.offset(), request.size()));
    List<Attempt> attempts =
        notTried(types(request.flags()), Rule.MR_3, "a mixed range fails before any mode");
    String sentence = sentences().mixed(request.offset(), request.size());
    return refused(request, attempts, new Refusal(Errno.ENXIO, Rule.MR_3, sentence));
  }

  /**
   * MR-5 and MR-6.
   *
   * @param directRefusal why the direct map did not serve, for WB on System RAM
   */
  private RemapPlan byNewMapping(Request request, @Nullable Refusal directRefusal) {
    List<Attempt> attempts = new ArrayList<>();
    if (WB.in(request.flags())) {
      RemapPlan plan = tryNewMapping(request, WB, attempts, directRefusal);
      if (plan != null) {
        return plan;
      }
    }
    if (request.region() == Intersection.INTERSECTS && request.flags() != WB.bit()) {
      request.logs(() -> KernelLines.onRam(request.offset(), request.size()));
      for (MemremapFlag type : types(request.flags() & ~WB.bit())) {
        attempts.add(new Attempt.Refused(type.name(), new Refusal(Errno.ENXIO, Rule.MR_5, ON_RAM)));
      }
      String sentence = sentences().ram(request.offset(), request.size(), request.flags());
      return refused(request, attempts, new Refusal(Errno.ENXIO, Rule.MR_5, sentence));
    }
    for (MemremapFlag type : types(request.flags() & ~WB.bit())) {
      RemapPlan plan = tryNewMapping(request, type, attempts, null);
      if (plan != null) {
        return plan;
      }
    }
    return nothingSucceeded(request, attempts);
  }

  /**
   * MR-4: System RAM is reached through the direct map, on a real machine if the system lets us.
   */
  private RemapPlan throughDirectMap(Request request) {
    AccessPath path =
        request.isEmptyOrWraps()
            ? AccessPath.only(CacheMode.WB, CacheMode.WB)
            : memory.accessPath(request.range(), CacheMode.WB, CacheMode.WB);
    if (path instanceof AccessPath.Blocked blocked) {
      List<Attempt> attempts = new ArrayList<>();
      attempts.add(new Attempt.Refused(WB.name(), blocked.why()));
      attempts.addAll(notTriedOnRam(request.flags()));
      return refused(request, attempts, blocked.why());
    }
    Refusal tooLong = viewRefusal(request, encrypts());
    if (tooLong != null) {
      return refused(request, List.of(new Attempt.Refused(WB.name(), tooLong)), tooLong);
    }
    AccessPath.Open open = path.orThrow();
    String way = open.way();
    Grant grant = new Grant(WB, open.mode(), CacheMode.WB, true, encrypts(), way);
    if (way.isEmpty() && request.flags() == WB.bit()) {
      return RemapPlan.granted(request, DIRECT_ALONE, grant);
    }
    List<Attempt> attempts = new ArrayList<>();
    attempts.add(
        way.isEmpty()
            ? DIRECT_ATTEMPT
            : new Attempt.Granted(WB.name(), Rule.MR_4, DIRECT + ", " + way));
    return granted(request, attempts, grant);
  }

  /**
   * Adds the attempt to map a type anew, and gives the plan if that succeeds.
   *
   * @param directRefusal why the direct map did not serve, for WB on System RAM
   */
  private @Nullable RemapPlan tryNewMapping(
      Request request, MemremapFlag type, List<Attempt> attempts, @Nullable Refusal directRefusal) {
    Refusal refusal = architecture.newMappingRefusal(resources, request);
    if (refusal == null) {
      CacheMode asked = architecture.modeOf(type);
      Reservation reservation = memtypes.checkAlias(pages(request.range()), asked, request);
      if (reservation instanceof Reservation.Granted reserved) {
        AccessPath path = memory.accessPath(request.range(), asked, reserved.mode());
        refusal =
            path instanceof AccessPath.Blocked blocked
                ? blocked.why()
                : viewRefusal(request, isEncrypted(request, type));
        if (refusal == null) {
          return byPath(request, type, attempts, reserved, path.orThrow());
        }
      } else {
        refusal = ((Reservation.Refused) reservation).why();
      }
    }
    attempts.add(
        new Attempt.Refused(
            type.name(),
            directRefusal == null
                ? refusal
                : refusal.saying(directRefusal.sentence() + ", and " + refusal.sentence())));
    return null;
  }

  private RemapPlan byPath(
      Request request,
      MemremapFlag type,
      List<Attempt> attempts,
      Reservation.Granted reserved,
      AccessPath.Open path) {
    request.logs(() -> severalBars(request.range(), "memremap+OFFSET/SIZE"));
    Rule rule = path.mode() == reserved.mode() ? reserved.rule() : Rule.LIB_6;
    String way = path.way().isEmpty() ? "" : ", " + path.way();
    attempts.add(
        new Attempt.Granted(
            type.name(), rule, "a new mapping, " + path.mode() + ": " + reserved.reason() + way));
    boolean encrypted = isEncrypted(request, type);
    return granted(
        request,
        attempts,
        new Grant(type, path.mode(), reserved.mode(), false, encrypted, path.way()));
  }

  /** RES-12: what a kernel logs of a new mapping that goes beyond a resource, if it does. */
  List<KernelLine> severalBars(PhysRange range, String caller) {
    return resources
        .spanned(range, architecture.geometry().pageBytes())
        .map(spanned -> KernelLines.severalBars(range, spanned, caller, kernel))
        .orElse(List.of());
  }

  private boolean isEncrypted(Request request, MemremapFlag type) {
    return architecture.mappingIsEncrypted(resources, request, type);
  }

  /**
   * LIB-3: why a range cannot be seen through another encryption attribute than its own, if it
   * would be. What lies beyond the machine's addresses is refused for that (D-9).
   */
  private @Nullable Refusal viewRefusal(Request request, boolean encrypted) {
    if (!encrypts() || request.isEmptyOrWraps() || !TransformedView.isTooLong(request.range())) {
      return null;
    }
    PhysRange range = request.range();
    return architecture.isBeyondAddressWidth(range.endInclusive(), request)
            || architecture.seenTransformed(resources, range, encrypted).isEmpty()
        ? null
        : TransformedView.tooLong(range);
  }

  private RemapPlan nothingSucceeded(Request request, List<Attempt> attempts) {
    if (attempts.isEmpty()) {
      String sentence =
          MemremapFlag.unknownBits(request.flags()) == request.flags()
              ? "no known flag is among 0x%x; give WB, WT or WC".formatted(request.flags())
              : "%s only modifies; give WB, WT or WC with it"
                  .formatted(MemremapFlag.format(request.flags()));
      return refused(request, attempts, new Refusal(Errno.EINVAL, Rule.MR_6, sentence));
    }
    Refusal last = attempts.getLast().refusal().orElseThrow();
    String sentence = RemapPlan.nothingSucceeded(request.flags(), attempts);
    return refused(request, attempts, last.saying(sentence));
  }

  /** D-8, D-9 and D-7, each where a kernel grants what we refuse. */
  private RemapPlan withDepartures(Request request, RemapPlan kernels) {
    if (!kernels.isGranted()) {
      return kernels;
    }
    if (request.isEmptyOrWraps()) {
      String what =
          request.size() == 0
              ? "the size is 0; give the number of bytes"
              : "the range wraps around the end of the 64-bit address space; end it before that";
      return departing(request, Rule.D_8, Errno.EINVAL, what);
    }
    PhysRange range = request.range();
    if (architecture.isBeyondAddressWidth(range.endInclusive(), request)) {
      return departing(
          request, Rule.D_9, Errno.EINVAL, architecture.beyondAddressWidth(range.endInclusive()));
    }
    if (kernels.region() == Intersection.INTERSECTS && !resources.isCoveredBySystemRam(range)) {
      request.reads(Fact.SOFT_RESERVED);
      return departing(
          request,
          Rule.D_7,
          Errno.ENXIO,
          "the range is partly %s and partly %s"
              .formatted(sentences().firstRam(range), sentences().gap(softReserve, range)));
    }
    return kernels;
  }

  private RemapPlan departing(Request request, Rule departure, Errno errno, String sentence) {
    List<Attempt> attempts = new ArrayList<>();
    for (MemremapFlag type : types(request.flags())) {
      attempts.add(new Attempt.NotTried(type.name(), departure, departure.sentence()));
    }
    return RemapPlan.refused(
        request, attempts, new Refusal(errno, departure, sentence), departure, near);
  }

  private RemapPlan refused(Request request, List<Attempt> attempts, Refusal refusal) {
    return RemapPlan.refused(request, attempts, refusal, null, near);
  }

  /** Adds what need not be tried to the attempts. */
  private static RemapPlan granted(Request request, List<Attempt> attempts, Grant grant) {
    // flags have lower bits the earlier they are tried
    for (MemremapFlag type : types(request.flags() & -(grant.type().bit() << 1))) {
      attempts.add(
          new Attempt.NotNeeded(type.name(), Rule.W_2, grant.type() + " succeeds before it"));
    }
    return RemapPlan.granted(request, attempts, grant);
  }

  private static List<Attempt> notTried(List<MemremapFlag> types, Rule rule, String reason) {
    return types.stream()
        .<Attempt>map(type -> new Attempt.NotTried(type.name(), rule, reason))
        .toList();
  }

  /** MR-5: where the direct map of System RAM fails, the other mapping types need not be tried. */
  static List<Attempt> notTriedOnRam(long flags) {
    return notTried(types(flags & ~WB.bit()), Rule.MR_5, ON_RAM);
  }

  /** W-2: the mapping types among the flags, in the order they are tried. */
  static List<MemremapFlag> types(long flags) {
    return TYPES.get((int) flags & (TYPES.size() - 1));
  }

  /** The whole pages that a range touches. */
  PhysRange pages(PhysRange range) {
    return architecture.geometry().wholePages(range);
  }

  private RemapSentences sentences() {
    return new RemapSentences(resources);
  }

  private boolean encrypts() {
    return architecture.encryptsMemory();
  }
}
