// SPDX-License-Identifier: Apache-2.0
package dev.memremap.plan;

import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says what {@code memremap_pages} would do with a page map: what it would cost, or why it is
 * refused. Making the plan changes nothing.
 *
 * <p>A map is checked range by range, up to the first that fails. So the numbers of a refused plan
 * count only the ranges before that one, and are 0 if the first range, or the map as a whole, is
 * refused.
 *
 * <p>Thread safety: immutable. It holds for the machine's tables at the time it was made; {@link
 * #nearest()} reads them again.
 */
public final class PagemapPlan implements Plan {
  private final Structures structures;
  private final @Nullable CacheMode mode;
  private final String map;
  private final @Nullable Failed failed;
  private final @Nullable Rule departure;
  private final @Nullable Supplier<List<PhysRange>> near;
  private final List<Fact.Known> assumptions;
  private final List<KernelLine> log;

  /**
   * The page structures of a map.
   *
   * @param geometry the size of one
   * @param pages how many pages the ranges have
   * @param usablePages how many of them have a page structure
   * @param references how many references the map holds beyond the initial one
   * @param altmapPages how many pages of the altmap they take; 0 without one
   * @param altmapPfn the first of these pages
   */
  public record Structures(
      MemmapGeometry geometry,
      long pages,
      long usablePages,
      long references,
      long altmapPages,
      long altmapPfn) {
    /** Checks the parts. */
    public Structures {
      Objects.requireNonNull(geometry, "geometry");
    }
  }

  /**
   * A check that failed.
   *
   * @param refusal the errno, the rule and the reason
   * @param range the index of the range it is about, from 0; -1 if it is about the whole map
   * @param leavesTraces whether a kernel keeps a part of the failed map ({@link Rule#D_11 D-11})
   */
  public record Failed(Refusal refusal, int range, boolean leavesTraces) {
    /** Checks the parts. */
    public Failed {
      Objects.requireNonNull(refusal, "refusal");
    }

    /** Makes a failure after which a kernel keeps nothing. */
    public Failed(Errno errno, Rule rule, int range, String sentence) {
      this(new Refusal(errno, rule, sentence), range, false);
    }
  }

  private PagemapPlan(Structures structures, CacheMode mode) {
    this.structures = structures;
    this.mode = mode;
    this.map = "";
    this.failed = null;
    this.departure = null;
    this.near = null;
    this.assumptions = List.of();
    this.log = List.of();
  }

  private PagemapPlan(
      String map,
      Structures structures,
      Failed failed,
      @Nullable Rule departure,
      Supplier<List<PhysRange>> near) {
    this.structures = structures;
    this.mode = null;
    this.map = map;
    this.failed = failed;
    this.departure = departure;
    this.near = near;
    this.assumptions = List.of();
    this.log = List.of();
  }

  private PagemapPlan(PagemapPlan same, List<Fact.Known> assumptions, List<KernelLine> log) {
    this.structures = same.structures;
    this.mode = same.mode;
    this.map = same.map;
    this.failed = same.failed;
    this.departure = same.departure;
    this.near = same.near;
    this.assumptions = List.copyOf(assumptions);
    this.log = List.copyOf(log);
  }

  /**
   * Makes a granted plan.
   *
   * @param mode the cache mode of the first range ({@link Rule#C_11 C-11})
   */
  public static PagemapPlan granted(Structures structures, CacheMode mode) {
    Objects.requireNonNull(structures, "structures");
    Objects.requireNonNull(mode, "mode");
    return new PagemapPlan(structures, mode);
  }

  /**
   * Makes a refused plan.
   *
   * @param map the map's name, for messages
   * @param structures of the ranges before the failure
   * @param departure the departure that it follows, if a kernel would have answered otherwise
   * @param near finds ranges near it that would be granted, when asked
   */
  public static PagemapPlan refused(
      String map,
      Structures structures,
      Failed failed,
      @Nullable Rule departure,
      Supplier<List<PhysRange>> near) {
    Objects.requireNonNull(map, "map");
    Objects.requireNonNull(structures, "structures");
    Objects.requireNonNull(failed, "failed");
    Objects.requireNonNull(near, "near");
    return new PagemapPlan(map, structures, failed, departure, near);
  }

  /** Returns this plan with these assumptions. */
  public PagemapPlan assuming(List<Fact.Known> facts) {
    Objects.requireNonNull(facts, "facts");
    return facts.isEmpty() ? this : new PagemapPlan(this, facts, log);
  }

  /** Returns this plan with what a kernel would log. */
  public PagemapPlan logging(List<KernelLine> lines) {
    Objects.requireNonNull(lines, "lines");
    return lines.isEmpty() ? this : new PagemapPlan(this, assumptions, lines);
  }

  @Override
  public List<KernelLine> kernelLog() {
    return log;
  }

  @Override
  public List<Fact.Known> assumptions() {
    return assumptions;
  }

  @Override
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(failed).map(Failed::refusal);
  }

  /**
   * Returns the index of the refused range, from 0; -1 if the whole map is refused, or the plan is
   * granted.
   */
  public int refusedRange() {
    return failed == null ? -1 : failed.range();
  }

  @Override
  public Optional<Rule> departure() {
    return Optional.ofNullable(departure);
  }

  /**
   * Returns whether a kernel with the same answer would keep a part of the failed map, and so end
   * in another state ({@link Rule#D_11 D-11}).
   */
  public boolean parts() {
    return failed != null && failed.leavesTraces();
  }

  /**
   * {@inheritDoc}
   *
   * <p>At most four; none if the map has several ranges, or if its place is not why it is refused.
   */
  @Override
  public List<PhysRange> nearest() {
    return near == null ? List.of() : near.get();
  }

  /**
   * Returns the cache mode of the map's first range ({@link Rule#C_11 C-11}); empty if it is
   * refused. See {@link dev.memremap.page.DevPagemap#cacheMode}.
   */
  public Optional<CacheMode> cacheMode() {
    return Optional.ofNullable(mode);
  }

  /** Returns the geometry of its page structures. */
  public MemmapGeometry geometry() {
    return structures.geometry;
  }

  /**
   * Returns how many pages its ranges have; of a refused plan, the ranges before the refused one.
   */
  public long pages() {
    return structures.pages;
  }

  /** Returns how many of {@link #pages()} would have a page structure. */
  public long usablePages() {
    return structures.usablePages;
  }

  /** Returns how many references the map would take for these pages, without the initial one. */
  public long references() {
    return structures.references;
  }

  /** Returns how many bytes the structures of {@link #pages()} would take. */
  public long memmapBytes() {
    return geometry().entryBytes() * pages();
  }

  /**
   * Returns how many pages of the altmap they would take; 0 without an altmap, and if the plan is
   * refused.
   */
  public long altmapPages() {
    return failed == null ? structures.altmapPages : 0;
  }

  @Override
  public MemremapException exception() {
    if (failed == null) {
      throw new IllegalStateException("memremap_pages is granted");
    }
    return new MemremapException(
        failed
            .refusal()
            .saying("memremap_pages of %s: %s".formatted(map, failed.refusal().sentence())),
        List.of(),
        assumptions,
        null);
  }

  /**
   * Returns the answer, then what it would cost; or the departure that it follows and the rule that
   * refuses it. What is assumed comes last.
   */
  @Override
  public List<String> lines() {
    List<String> lines = new ArrayList<>(answer());
    assumptions.forEach(assumed -> lines.add(assumed.toString()));
    return lines;
  }

  private List<String> answer() {
    if (failed != null) {
      return refusedLines(failed.refusal());
    }
    String inAltmap =
        altmapPages() == 0
            ? ""
            : ", %d pages of them in the altmap from pfn 0x%x"
                .formatted(altmapPages(), structures.altmapPfn);
    return List.of(
        "granted, cache mode " + mode,
        "%d pages, %d usable; %d bytes of page structures%s"
            .formatted(pages(), usablePages(), memmapBytes(), inAltmap));
  }

  private List<String> refusedLines(Refusal why) {
    List<String> lines = new ArrayList<>();
    lines.add("refused: %s, %s [%s]".formatted(why.rule().id(), why.sentence(), why.errno()));
    if (departure != null) {
      lines.add("departs from kernels: %s, %s".formatted(departure.id(), departure.sentence()));
    }
    if (departure != why.rule()) {
      lines.add("rule: " + why.rule().sentence());
    }
    return lines;
  }

  @Override
  public String toString() {
    return String.join("; ", lines());
  }
}
