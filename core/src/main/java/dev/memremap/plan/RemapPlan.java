// SPDX-License-Identifier: Apache-2.0
package dev.memremap.plan;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says what a {@code memremap} would do and why. {@code memremap} carries out such a plan; {@code
 * explain} only returns it.
 *
 * <p>Thread safety: immutable. It holds for the machine's tables at the time it was made; {@link
 * #nearest()} and {@link #nearestGrants()} read them again.
 */
public final class RemapPlan implements Plan {
  private static final String DIRECT_GRANT =
      "the range is System RAM, which WB reaches through the direct map";

  private final long offset;
  private final long size;
  private final long flags;
  private final Intersection region;
  private final Supplier<List<Fact.Known>> known;
  private final int read;
  private final List<Supplier<List<KernelLine>>> log;
  private final List<Attempt> attempts;
  private final @Nullable Grant grant;
  private final @Nullable Refusal refusal;
  private final @Nullable Rule departure;
  private final @Nullable Function<RemapPlan, List<Nearest>> near;

  /**
   * What would be mapped.
   *
   * @param type the mapping type that succeeds
   * @param mode the cache mode the mapping has
   * @param effective the mode that the machine's tables give; {@code mode} is weaker if the path to
   *     real memory gives a weaker one
   * @param direct whether it is a slice of the direct map
   * @param encrypted whether the mapping has the encrypted attribute
   * @param way the path to the bytes in words, {@code through /dev/mem}; empty if only one exists
   */
  public record Grant(
      MemremapFlag type,
      CacheMode mode,
      CacheMode effective,
      boolean direct,
      boolean encrypted,
      String way) {
    /** Checks the parts. */
    public Grant {
      Objects.requireNonNull(effective, "effective");
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(mode, "mode");
      Objects.requireNonNull(way, "way");
    }
  }

  /**
   * A range near a refused one that would be granted.
   *
   * @param range the range
   * @param types the mapping types that each succeed on it alone, in the order WB, WT, WC
   * @param direct whether WB would be the direct map
   */
  public record Nearest(PhysRange range, List<MemremapFlag> types, boolean direct) {
    /** Copies the types. */
    public Nearest {
      Objects.requireNonNull(types, "types");
      Objects.requireNonNull(range, "range");
      types = List.copyOf(types);
    }

    /** Returns text such as {@code 0x98000000 4K (WB, WT or WC)}. */
    @Override
    public String toString() {
      StringBuilder names = new StringBuilder();
      for (int i = 0; i < types.size(); i++) {
        names.append(i == 0 ? "" : i == types.size() - 1 ? " or " : ", ").append(types.get(i));
      }
      return "0x%x %s (%s%s)"
          .formatted(
              range.start(),
              Memparse.format(range.sizeBytes()),
              names,
              direct ? ", the direct map" : "");
    }
  }

  /**
   * A request: what is asked for, how it overlaps System RAM, the facts that were read, and what a
   * kernel logs.
   *
   * <p>Thread safety: none; one thread makes one plan from it.
   */
  public static final class Request implements Fact.Reader {
    private final long offset;
    private final long size;
    private final long flags;
    private final Supplier<List<Fact.Known>> known;
    private Intersection region;
    private int read;
    private List<Supplier<List<KernelLine>>> log = List.of();

    /**
     * Makes a request, with no fact read yet.
     *
     * @param offset the first byte's physical address
     * @param size in bytes; may be 0 or wrap around
     * @param flags the flags, as bits
     * @param known what is known of each fact that may be read
     */
    public Request(long offset, long size, long flags, Supplier<List<Fact.Known>> known) {
      this.offset = offset;
      this.size = size;
      this.flags = flags;
      this.known = Objects.requireNonNull(known, "known");
      this.region = Intersection.DISJOINT;
    }

    /** Compares it with System RAM. */
    public Request comparedWith(ResourceSnapshot resources) {
      Objects.requireNonNull(resources, "resources");
      region = resources.systemRamIntersects(offset, size, this);
      return this;
    }

    /** Returns the first byte's physical address. */
    public long offset() {
      return offset;
    }

    /** Returns the size in bytes; may be 0 or wrap around. */
    public long size() {
      return size;
    }

    /** Returns the flags, as bits. */
    public long flags() {
      return flags;
    }

    /** Returns how the range overlaps System RAM. */
    public Intersection region() {
      return region;
    }

    @Override
    @SuppressWarnings("EnumOrdinal") // as Fact.bit; each remap comes here
    public void reads(Fact fact) {
      Objects.requireNonNull(fact, "fact");
      read |= 1 << fact.ordinal();
    }

    @Override
    public void logs(Supplier<List<KernelLine>> lines) {
      Objects.requireNonNull(lines, "lines");
      if (log.isEmpty()) {
        log = List.of(lines);
      } else {
        log = new ArrayList<>(log);
        log.add(lines);
      }
    }

    /** Returns the lines that a kernel logs, in their order. */
    public List<KernelLine> kernelLog() {
      return made(log);
    }

    private static List<KernelLine> made(List<Supplier<List<KernelLine>>> log) {
      return log.stream().flatMap(lines -> lines.get().stream()).toList();
    }

    /** Returns the facts that were read and are assumed. */
    public List<Fact.Known> assumptions() {
      return Fact.assumed(read, known.get());
    }

    /** Returns whether the size is 0 or the range wraps around: a valid input, but not a range. */
    public boolean isEmptyOrWraps() {
      return size == 0 || wraps();
    }

    /** Returns whether the range wraps around the end of the 64-bit address space. */
    public boolean wraps() {
      return size != 0 && Long.compareUnsigned(offset + size - 1, offset) < 0;
    }

    /** Returns the range. */
    public PhysRange range() {
      return PhysRange.of(offset, size);
    }
  }

  private RemapPlan(Request request, List<Attempt> attempts, Grant grant) {
    this.offset = request.offset;
    this.size = request.size;
    this.flags = request.flags;
    this.region = request.region;
    this.known = request.known;
    this.read = request.read;
    this.log = request.log;
    this.attempts = List.copyOf(attempts);
    this.grant = grant;
    this.refusal = null;
    this.departure = null;
    this.near = null;
  }

  private RemapPlan(
      Request request,
      List<Attempt> attempts,
      Refusal refusal,
      @Nullable Rule departure,
      Function<RemapPlan, List<Nearest>> near) {
    this.offset = request.offset;
    this.size = request.size;
    this.flags = request.flags;
    this.region = request.region;
    this.known = request.known;
    this.read = request.read;
    this.log = request.log;
    this.attempts = List.copyOf(attempts);
    this.grant = null;
    this.refusal = refusal;
    this.departure = departure;
    this.near = near;
  }

  /**
   * Makes a granted plan.
   *
   * @param attempts each mapping type asked for; one of them is granted
   */
  public static RemapPlan granted(Request request, List<Attempt> attempts, Grant grant) {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(attempts, "attempts");
    Objects.requireNonNull(grant, "grant");
    return new RemapPlan(request, attempts, grant);
  }

  /**
   * Makes a refused plan.
   *
   * @param attempts each mapping type asked for, all refused
   * @param departure the departure that it follows, if a kernel would have granted it
   * @param near finds ranges near it that would be granted, when asked
   */
  public static RemapPlan refused(
      Request request,
      List<Attempt> attempts,
      Refusal refusal,
      @Nullable Rule departure,
      Function<RemapPlan, List<Nearest>> near) {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(attempts, "attempts");
    Objects.requireNonNull(refusal, "refusal");
    Objects.requireNonNull(near, "near");
    return new RemapPlan(request, attempts, refusal, departure, near);
  }

  /** Returns the physical address of the first byte asked for. */
  public long offset() {
    return offset;
  }

  /** Returns the size asked for in bytes; may be 0 or wrap around. */
  public long size() {
    return size;
  }

  /** Returns the flags asked for, as bits. */
  public long flags() {
    return flags;
  }

  /** Returns how the range overlaps System RAM. */
  public Intersection region() {
    return region;
  }

  /** Returns each mapping type asked for, in the order WB, WT, WC, with its outcome. */
  public List<Attempt> attempts() {
    return attempts;
  }

  /** Returns what would be mapped; null if the request is refused. */
  public @Nullable Grant grant() {
    return grant;
  }

  @Override
  public boolean isGranted() {
    return grant != null;
  }

  @Override
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(refusal);
  }

  @Override
  public Optional<Rule> departure() {
    return Optional.ofNullable(departure);
  }

  @Override
  public List<Fact.Known> assumptions() {
    return Fact.assumed(read, known.get());
  }

  @Override
  public List<KernelLine> kernelLog() {
    return Request.made(log);
  }

  /** Returns the rule that decides the whole request. */
  public Rule rule() {
    if (refusal != null) {
      return refusal.rule();
    }
    for (Attempt attempt : attempts) {
      if (attempt instanceof Attempt.Granted) {
        return attempt.rule();
      }
    }
    throw new AssertionError("granted, and no attempt is: " + attempts);
  }

  /**
   * Returns the warning that Linux would log about a granted request: of a new mapping that goes
   * beyond a resource which no driver has requested.
   *
   * @param resources the machine's resources
   * @param pageBytes its page size
   * @return a sentence; empty if Linux would log nothing
   */
  public Optional<String> logged(ResourceSnapshot resources, long pageBytes) {
    Objects.requireNonNull(resources, "resources");
    if (grant == null || grant.direct) {
      return Optional.empty();
    }
    return resources
        .sanityCheck(PhysRange.of(offset, size), pageBytes)
        .map(
            why ->
                "Linux before 7.3 logs 'resource sanity check' (RES-12): %s, which no driver has requested; that is harmless as long as only that resource is used"
                    .formatted(why));
  }

  /** Returns the whole answer in one sentence, without a final full stop. */
  public String sentence() {
    if (grant == null) {
      return Objects.requireNonNull(refusal).sentence();
    }
    if (!grant.direct) {
      return "%s gives a new mapping, %s".formatted(grant.type, grant.mode);
    }
    return grant.way.isEmpty() ? DIRECT_GRANT : DIRECT_GRANT + ", " + grant.way;
  }

  /**
   * {@inheritDoc}
   *
   * <p>At most three.
   */
  @Override
  public List<PhysRange> nearest() {
    return nearestGrants().stream().map(Nearest::range).toList();
  }

  /**
   * Returns the ranges of {@link #nearest()}, each with the mapping types that would be granted
   * there.
   */
  public List<Nearest> nearestGrants() {
    return near == null ? List.of() : near.apply(this);
  }

  /**
   * Returns this plan as part of a larger request whose earlier mapping types failed when they were
   * carried out.
   */
  public RemapPlan after(long allFlags, List<Attempt> failed) {
    Objects.requireNonNull(failed, "failed");
    if (failed.isEmpty()) {
      return this;
    }
    Request whole = new Request(offset, size, allFlags, known);
    whole.region = region;
    whole.read = read;
    whole.log = log;
    List<Attempt> all = new ArrayList<>(failed);
    all.addAll(attempts);
    if (refusal == null || near == null) {
      return new RemapPlan(whole, all, Objects.requireNonNull(grant));
    }
    return new RemapPlan(
        whole, all, refusal.saying(nothingSucceeded(allFlags, all)), departure, near);
  }

  /** Returns the sentence for a request whose mapping types were all tried in vain. */
  public static String nothingSucceeded(long flags, List<Attempt> attempts) {
    Objects.requireNonNull(attempts, "attempts");
    Attempt last = attempts.getLast();
    return attempts.size() == 1
        ? last.reason()
        : "none of %s succeeds; %s fails last: %s"
            .formatted(MemremapFlag.format(flags), last.mode(), last.reason());
  }

  @Override
  public MemremapException exception() {
    if (refusal == null) {
      throw new IllegalStateException("memremap " + asked() + " is granted");
    }
    return new MemremapException(
        refusal.saying("memremap " + asked() + ": " + refusal.sentence()),
        attempts,
        assumptions(),
        null);
  }

  /** Returns the request in words, such as {@code 0x40000000 4K WB}. */
  public String asked() {
    return "0x%x %s %s".formatted(offset, Memparse.format(size), MemremapFlag.format(flags));
  }

  /** Returns the answer, the departure that it follows, each mapping type, and what is assumed. */
  @Override
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("%s: %s, %s".formatted(isGranted() ? "granted" : "refused", rule().id(), sentence()));
    if (departure != null) {
      lines.add("  departs from kernels: %s, %s".formatted(departure.id(), departure.sentence()));
    }
    for (Attempt attempt : attempts) {
      lines.add("  " + attempt);
    }
    assumptions().forEach(assumed -> lines.add("  " + assumed));
    return lines;
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}
