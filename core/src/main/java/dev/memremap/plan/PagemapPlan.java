// SPDX-License-Identifier: Apache-2.0
package dev.memremap.plan;

import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
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
 * What {@code devm_memremap_pages} would do with a page map: what it would cost, or why it is
 * refused. Computed from the machine's tables without changing them.
 *
 * <p>A map is checked range by range, and the first range that fails ends it. So the numbers of a
 * refused plan count only the ranges before that one, and are 0 where the first range, or the map
 * as a whole, is refused.
 *
 * <p>Thread safety: immutable; true of the tables as they were. {@link #nearest()} alone reads them
 * again.
 */
public final class PagemapPlan implements Plan {
  private final Structures structures;
  private final @Nullable CacheMode mode;
  private final String map;
  private final @Nullable Failed failed;
  private final @Nullable Rule departure;
  private final @Nullable Supplier<List<PhysRange>> near;
  private final List<Fact.Known> assumptions;

  /**
   * The page structures of a map.
   *
   * @param geometry how large one is
   * @param pages how many pages the ranges have
   * @param usablePages how many of them have a structure of their own
   * @param references how many references the map holds besides the initial one (C-5)
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
   * @param refusal why
   * @param range the index of the range it is about, from 0; -1 if it is about the whole map
   * @param leavesTraces whether a kernel keeps a part of the failed map (D-11)
   */
  public record Failed(Refusal refusal, int range, boolean leavesTraces) {
    /** Checks the parts. */
    public Failed {
      Objects.requireNonNull(refusal, "refusal");
    }

    /** A failure after which a kernel keeps nothing. */
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
  }

  private PagemapPlan(PagemapPlan same, List<Fact.Known> assumptions) {
    this.structures = same.structures;
    this.mode = same.mode;
    this.map = same.map;
    this.failed = same.failed;
    this.departure = same.departure;
    this.near = same.near;
    this.assumptions = List.copyOf(assumptions);
  }

  /**
   * A granted plan.
   *
   * @param mode the cache mode of the first range (C-11)
   */
  public static PagemapPlan granted(Structures structures, CacheMode mode) {
    Objects.requireNonNull(structures, "structures");
    Objects.requireNonNull(mode, "mode");
    return new PagemapPlan(structures, mode);
  }

  /**
   * A refused plan.
   *
   * @param map the map's name, for sentences
   * @param structures of the ranges before the failure
   * @param departure the departure it follows from where a kernel would have answered otherwise
   * @param near finds the ranges near it that would be granted, when asked
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

  /** This plan, which rests on these assumptions. */
  public PagemapPlan assuming(List<Fact.Known> facts) {
    Objects.requireNonNull(facts, "facts");
    return facts.isEmpty() ? this : new PagemapPlan(this, facts);
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
   * The index of the range that a refusal is about, from 0; -1 if it is about the whole map, or the
   * plan is granted.
   */
  public int refusedRange() {
    return failed == null ? -1 : failed.range();
  }

  @Override
  public Optional<Rule> departure() {
    return Optional.ofNullable(departure);
  }

  /**
   * Whether a kernel that answers the same would be left in another state: it keeps a part of the
   * failed map (D-11).
   */
  public boolean parts() {
    return failed != null && failed.leavesTraces();
  }

  /**
   * {@inheritDoc}
   *
   * <p>At most four; none if the map has several ranges, or is refused for what it is and not for
   * where it lies.
   */
  @Override
  public List<PhysRange> nearest() {
    return near == null ? List.of() : near.get();
  }

  /**
   * The cache mode that the map would have, by its first range (C-11); empty if it is refused. See
   * {@link dev.memremap.page.DevPagemap#cacheMode}.
   */
  public Optional<CacheMode> cacheMode() {
    return Optional.ofNullable(mode);
  }

  /** The geometry that its page structures would have. */
  public MemmapGeometry geometry() {
    return structures.geometry;
  }

  /** How many pages its ranges have; of a refused plan, the ranges before the refused one. */
  public long pages() {
    return structures.pages;
  }

  /** How many of {@link #pages()} would have a structure of their own. */
  public long usablePages() {
    return structures.usablePages;
  }

  /**
   * How many references the map would take for these pages; the initial one is not counted (C-5).
   */
  public long references() {
    return structures.references;
  }

  /** How many bytes the structures of {@link #pages()} would take. */
  public long memmapBytes() {
    return geometry().entryBytes() * pages();
  }

  /** How many pages of the altmap they would take; 0 without one, and for a refused plan. */
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
   * The answer, and in further lines what it would cost; or the departure that it follows from and
   * the rule that refuses it. What is assumed comes last.
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
