// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.MemremapFlag.WB;
import static dev.memremap.MemremapFlag.WC;
import static dev.memremap.MemremapFlag.WT;
import static dev.memremap.rule.Attempt.Outcome.GRANTED;
import static dev.memremap.rule.Attempt.Outcome.NOT_NEEDED;
import static dev.memremap.rule.Attempt.Outcome.NOT_TRIED;
import static dev.memremap.rule.Attempt.Outcome.REFUSED;

import dev.memremap.RemapPlan.Grant;
import dev.memremap.cache.AliasVerdict;
import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeTable;
import dev.memremap.memory.PhysicalMemory;
import dev.memremap.memory.Reach;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.resource.ResourceFlags;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code memremap} answers: a pure function of a machine's tables.
 *
 * <p>It first decides as a kernel does, MR-1 to MR-9 in their order, and then lays our departures
 * over it: D-8, D-9 and D-7 refuse what a kernel grants, so each is claimed only where it does.
 *
 * @param description the machine
 * @param resources its resource tree as it stands
 * @param memtypes its memory types; asked, never changed
 * @param memory asked which way leads to a range, never for the bytes
 */
record RemapRules(
    MachineDescription description,
    ResourceSnapshot resources,
    MemtypeTable memtypes,
    PhysicalMemory memory) {
  private static final long PAGE = 4096;

  private static final String DIRECT = "System RAM, through the direct map";
  private static final Attempt DIRECT_ATTEMPT =
      new Attempt(WB.name(), GRANTED, Rule.MR_4, null, DIRECT);
  private static final String DIRECT_GRANT =
      "the range is System RAM, which WB reaches through the direct map";

  /** The mapping types of each combination of their bits, which are the lowest three. */
  private static final List<List<MemremapFlag>> TYPES =
      LongStream.rangeClosed(0, MemremapFlag.mask(WB, WT, WC))
          .mapToObj(bits -> Stream.of(WB, WT, WC).filter(type -> type.in(bits)).toList())
          .toList();

  /** One request, and what the tables say of it before any mapping type is tried. */
  private record Request(long offset, long size, long flags, Intersection region) {
    /** Size 0 or a range that wraps around: an input of the contract, but no range. */
    boolean isEmptyOrWraps() {
      return size == 0 || wraps();
    }

    boolean wraps() {
      return RemapSentences.wraps(offset, size);
    }

    PhysRange range() {
      return PhysRange.of(offset, size);
    }
  }

  /** The plan for a request. */
  RemapPlan plan(long offset, long size, long flags) {
    Intersection region =
        resources.regionIntersects(offset, size, ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE);
    Request request = new Request(offset, size, flags, region);
    return withDepartures(request, asKernelsDecide(request));
  }

  /** MR-2 to MR-6, in the kernel's order. */
  private RemapPlan asKernelsDecide(Request request) {
    if (request.flags == 0) {
      return refused(
          request, List.of(), Rule.MR_2, Errno.EINVAL, "no flags are given; give WB, WT or WC");
    }
    if (request.region == Intersection.MIXED) {
      return mixed(request);
    }
    Refusal directRefusal = null;
    if (request.region == Intersection.INTERSECTS && WB.in(request.flags)) {
      directRefusal = directMapRefusal(request);
      if (directRefusal == null) {
        return throughDirectMap(request);
      }
    }
    return byNewMapping(request, directRefusal);
  }

  private RemapPlan mixed(Request request) {
    List<Attempt> attempts =
        notTried(types(request.flags), Rule.MR_3, "a mixed range fails before any mode");
    String sentence = sentences().mixed(request.offset, request.size);
    return refused(request, attempts, Rule.MR_3, Errno.ENXIO, sentence);
  }

  /**
   * MR-5 and MR-6.
   *
   * @param directRefusal why the direct map did not serve, for WB on System RAM
   */
  private RemapPlan byNewMapping(Request request, @Nullable Refusal directRefusal) {
    List<Attempt> attempts = new ArrayList<>();
    if (WB.in(request.flags)) {
      RemapPlan plan = tryNewMapping(request, WB, attempts, directRefusal);
      if (plan != null) {
        return plan;
      }
    }
    if (request.region == Intersection.INTERSECTS && request.flags != WB.bit()) {
      for (MemremapFlag type : types(request.flags & ~WB.bit())) {
        attempts.add(
            new Attempt(
                type.name(), REFUSED, Rule.MR_5, Errno.ENXIO, "System RAM is mapped by WB alone"));
      }
      return refused(
          request,
          attempts,
          Rule.MR_5,
          Errno.ENXIO,
          sentences().ram(request.offset, request.size, request.flags));
    }
    for (MemremapFlag type : types(request.flags & ~WB.bit())) {
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
    List<Attempt> attempts = new ArrayList<>(TYPES.getLast().size());
    Reach reach =
        request.isEmptyOrWraps()
            ? Reach.only(CacheMode.WB, CacheMode.WB)
            : memory.reach(request.range(), CacheMode.WB, CacheMode.WB);
    CacheMode mode = reach.mode();
    if (mode == null) {
      Errno errno = Objects.requireNonNull(reach.errno());
      attempts.add(new Attempt(WB.name(), REFUSED, reach.rule(), errno, reach.sentence()));
      return refused(request, attempts, reach.rule(), errno, reach.sentence());
    }
    String way = reach.sentence();
    attempts.add(
        way.isEmpty()
            ? DIRECT_ATTEMPT
            : new Attempt(WB.name(), GRANTED, Rule.MR_4, null, DIRECT + ", " + way));
    return granted(
        request,
        attempts,
        new Grant(WB, mode, CacheMode.WB, true, description.encryption() != MemEncryption.NONE),
        Rule.MR_4,
        way.isEmpty() ? DIRECT_GRANT : DIRECT_GRANT + ", " + way);
  }

  /** MR-4 and ENC-1: why the direct map does not serve a request on System RAM; null if it does. */
  private @Nullable Refusal directMapRefusal(Request request) {
    if (!kernelPages().isPfnValid(request.offset)) {
      return new Refusal(Rule.MR_4, Errno.ENXIO, "the first page has no page structure");
    }
    EncryptionRules encryption = encryption();
    if (!encryption.canRamRemap(request.offset, request.size, request.flags)) {
      return MemremapFlag.DEC.in(request.flags)
          ? new Refusal(Rule.ENC_1, Errno.ENXIO, "the direct map is encrypted and DEC was given")
          : new Refusal(
              Rule.ENC_3, Errno.ENXIO, "what lies there is not encrypted, and the direct map is");
    }
    return null;
  }

  /**
   * Adds the attempt to map a type anew, and gives the plan if that succeeds.
   *
   * @param directRefusal why the direct map did not serve, for WB on System RAM
   */
  private @Nullable RemapPlan tryNewMapping(
      Request request, MemremapFlag type, List<Attempt> attempts, @Nullable Refusal directRefusal) {
    Refusal refusal = newMappingRefusal(request);
    CacheMode effective = null;
    CacheMode mode = null;
    Rule rule = Rule.MR_6;
    String reason = "";
    if (refusal == null) {
      AliasVerdict verdict = memtypes.checkAlias(pages(request.range()), modeOf(type));
      if (verdict.allowed()) {
        effective = Objects.requireNonNull(verdict.effective());
        Reach reach = memory.reach(request.range(), modeOf(type), effective);
        mode = reach.mode();
        rule = mode == effective ? verdict.rule() : reach.rule();
        reason = verdict.reason() + (reach.sentence().isEmpty() ? "" : ", " + reach.sentence());
        if (mode == null) {
          refusal =
              new Refusal(reach.rule(), Objects.requireNonNull(reach.errno()), reach.sentence());
        }
      } else {
        refusal =
            new Refusal(verdict.rule(), Objects.requireNonNull(verdict.errno()), verdict.reason());
      }
    }
    if (refusal != null) {
      String text =
          directRefusal == null ? refusal.reason : directRefusal.reason + ", and " + refusal.reason;
      attempts.add(new Attempt(type.name(), REFUSED, refusal.rule, refusal.errno, text));
      return null;
    }
    CacheMode granted = Objects.requireNonNull(mode);
    attempts.add(
        new Attempt(type.name(), GRANTED, rule, null, "a new mapping, " + granted + ": " + reason));
    boolean encrypted = encryption().mappingIsEncrypted(request.range(), type, request.flags);
    return granted(
        request,
        attempts,
        new Grant(type, granted, Objects.requireNonNull(effective), false, encrypted),
        rule,
        "%s gives a new mapping, %s".formatted(type, granted));
  }

  private record Refusal(Rule rule, Errno errno, String reason) {}

  /** IO-1: why no new mapping of the range can be made, whatever its mode; null if one can. */
  private @Nullable Refusal newMappingRefusal(Request request) {
    if (request.size == 0) {
      return new Refusal(Rule.MR_7, Errno.EINVAL, "the size is 0; give the number of bytes");
    }
    if (request.wraps()) {
      return new Refusal(
          Rule.IO_1,
          Errno.EINVAL,
          "the range wraps around the end of the 64-bit address space; give a size of at most 0x%x"
              .formatted(-request.offset));
    }
    if (Long.compareUnsigned(request.offset, description.lastAddress()) > 0) {
      return new Refusal(Rule.IO_1, Errno.EINVAL, beyondAddressWidth(request.offset));
    }
    if (kernelPages().hasRamInUse(request.range())) {
      return new Refusal(
          Rule.IO_1, Errno.ENXIO, "System RAM that the kernel uses cannot be mapped anew");
    }
    return null;
  }

  /**
   * IO-1 and D-9 for registers: why {@code ioremap} refuses a range before any mode is asked. What
   * is mapped is whole pages, and all of each counts.
   */
  Optional<MemremapException> ioremapRefusal(PhysRange range) {
    PhysRange pages = pages(range);
    Request request = new Request(pages.start(), pages.sizeBytes(), 0, Intersection.DISJOINT);
    Refusal refusal = newMappingRefusal(request);
    if (refusal == null
        && Long.compareUnsigned(range.endInclusive(), description.lastAddress()) > 0) {
      refusal = new Refusal(Rule.D_9, Errno.EINVAL, beyondAddressWidth(range.endInclusive()));
    }
    return Optional.ofNullable(refusal)
        .map(why -> new MemremapException(why.errno, why.rule, why.reason));
  }

  private String beyondAddressWidth(long address) {
    return "0x%x lies beyond the machine's last address, 0x%x (phys-bits %d)"
        .formatted(address, description.lastAddress(), description.physBits());
  }

  private RemapPlan nothingSucceeded(Request request, List<Attempt> attempts) {
    if (attempts.isEmpty()) {
      String sentence =
          MemremapFlag.unknownBits(request.flags) == request.flags
              ? "no known flag is among 0x%x; give WB, WT or WC".formatted(request.flags)
              : "%s only modifies; give WB, WT or WC with it"
                  .formatted(MemremapFlag.format(request.flags));
      return refused(request, attempts, Rule.MR_6, Errno.EINVAL, sentence);
    }
    Attempt last = attempts.getLast();
    String sentence = RemapPlan.nothingSucceeded(request.flags, attempts);
    return refused(request, attempts, last.rule(), Objects.requireNonNull(last.errno()), sentence);
  }

  /** D-8, D-9 and D-7, each where a kernel grants what we refuse. */
  private RemapPlan withDepartures(Request request, RemapPlan kernels) {
    if (!kernels.isGranted()) {
      return kernels;
    }
    if (request.isEmptyOrWraps()) {
      String what =
          request.size == 0
              ? "the size is 0; give the number of bytes"
              : "the range wraps around the end of the 64-bit address space; end it before that";
      return departing(request, Rule.D_8, Errno.EINVAL, what);
    }
    PhysRange range = request.range();
    if (Long.compareUnsigned(range.endInclusive(), description.lastAddress()) > 0) {
      return departing(request, Rule.D_9, Errno.EINVAL, beyondAddressWidth(range.endInclusive()));
    }
    if (kernels.region() == Intersection.INTERSECTS && !resources.isCoveredBySystemRam(range)) {
      return departing(
          request,
          Rule.D_7,
          Errno.ENXIO,
          "the range is partly %s and partly a hole in which nothing is listed"
              .formatted(sentences().firstRam(range)));
    }
    return kernels;
  }

  private RemapPlan departing(Request request, Rule departure, Errno errno, String sentence) {
    List<Attempt> attempts = new ArrayList<>();
    for (MemremapFlag type : types(request.flags)) {
      attempts.add(new Attempt(type.name(), NOT_TRIED, departure, null, departure.sentence()));
    }
    return new RemapPlan(
        request.offset,
        request.size,
        request.flags,
        request.region,
        attempts,
        null,
        departure,
        errno,
        sentence,
        departure);
  }

  private static RemapPlan refused(
      Request request, List<Attempt> attempts, Rule rule, Errno errno, String sentence) {
    return new RemapPlan(
        request.offset,
        request.size,
        request.flags,
        request.region,
        attempts,
        null,
        rule,
        errno,
        sentence,
        null);
  }

  /** Adds what need not be tried to the attempts. */
  private static RemapPlan granted(
      Request request, List<Attempt> attempts, Grant grant, Rule rule, String sentence) {
    // flags have lower bits the earlier they are tried
    for (MemremapFlag type : types(request.flags & -(grant.type().bit() << 1))) {
      attempts.add(
          new Attempt(
              type.name(), NOT_NEEDED, Rule.W_2, null, grant.type() + " succeeds before it"));
    }
    return new RemapPlan(
        request.offset,
        request.size,
        request.flags,
        request.region,
        attempts,
        grant,
        rule,
        null,
        sentence,
        null);
  }

  private static List<Attempt> notTried(List<MemremapFlag> types, Rule rule, String reason) {
    return types.stream()
        .map(type -> new Attempt(type.name(), NOT_TRIED, rule, null, reason))
        .toList();
  }

  /** W-2: the mapping types among the flags, in the order they are tried. */
  static List<MemremapFlag> types(long flags) {
    return TYPES.get((int) flags & (TYPES.size() - 1));
  }

  /** IO-3: the memory type that a mapping type asks for. */
  static CacheMode modeOf(MemremapFlag type) {
    return switch (type) {
      case WB -> CacheMode.WB;
      case WT -> CacheMode.WT;
      case WC -> CacheMode.WC;
      case ENC, DEC -> throw new IllegalArgumentException(type + " is no mapping type");
    };
  }

  /** The whole pages that a range touches. */
  static PhysRange pages(PhysRange range) {
    return new PhysRange(range.start() & -PAGE, range.endInclusive() | (PAGE - 1));
  }

  private RemapSentences sentences() {
    return new RemapSentences(resources);
  }

  private KernelPages kernelPages() {
    return new KernelPages(resources);
  }

  private EncryptionRules encryption() {
    return new EncryptionRules(description, resources);
  }
}
