// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.internal.pages.AltmapShare;
import dev.memremap.internal.pages.PagemapLayout;
import dev.memremap.internal.pages.PagemapRules;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.plan.Plan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What {@code devm_memremap_pages} would do with a page map: what it would cost, or why it is
 * refused. Computed from the machine's tables without changing them.
 *
 * <p>Thread safety: immutable; true of the tables as they were. {@link #nearest()} alone reads them
 * again.
 */
public final class PagemapPlan implements Plan {
  private final DevPagemap map;
  private final PagemapLayout layout;
  private final PagemapRules.@Nullable Failed failed;
  private final @Nullable Rule departure;
  private final @Nullable Function<PagemapPlan, List<PhysRange>> nearest;

  /** A granted plan. */
  PagemapPlan(DevPagemap map, PagemapLayout layout) {
    this.map = map;
    this.layout = layout;
    this.failed = null;
    this.departure = null;
    this.nearest = null;
  }

  /**
   * A refused plan.
   *
   * @param layout of the ranges before the failure
   * @param nearest asked for the ranges near it
   */
  PagemapPlan(
      DevPagemap map,
      PagemapLayout layout,
      PagemapRules.Failed failed,
      @Nullable Rule departure,
      Function<PagemapPlan, List<PhysRange>> nearest) {
    this.map = map;
    this.layout = layout;
    this.failed = failed;
    this.departure = departure;
    this.nearest = nearest;
  }

  /** The map that was asked for. */
  public DevPagemap map() {
    return map;
  }

  @Override
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(failed).map(PagemapRules.Failed::refusal);
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
    return nearest == null ? List.of() : nearest.apply(this);
  }

  /** The geometry that its page structures would have. */
  public MemmapGeometry geometry() {
    return layout.geometry();
  }

  /** How many pages its ranges have. */
  public long pages() {
    return layout.pages();
  }

  /** How many of them would have a structure of their own. */
  public long usablePages() {
    return layout.usablePages();
  }

  /** How many references the map would hold besides the initial one (C-5). */
  public long references() {
    MemoryType type = map.type().orElse(null);
    return type == null || type.freshCount() == 0 ? 0 : layout.references();
  }

  /** How many bytes its page structures would take. */
  public long memmapBytes() {
    return layout.geometry().entryBytes() * pages();
  }

  /** How many pages of the altmap they would take; 0 without one. */
  public long altmapPages() {
    AltmapShare share = altmapShare();
    return share == null ? 0 : share.pages();
  }

  private @Nullable AltmapShare altmapShare() {
    return failed == null ? layout.share() : null;
  }

  PagemapLayout layout() {
    return layout;
  }

  @Override
  public MemremapException exception() {
    if (failed == null) {
      throw new IllegalStateException("memremap_pages of %s is granted".formatted(map));
    }
    return new MemremapException(
        failed
            .refusal()
            .saying("memremap_pages of %s: %s".formatted(map, failed.refusal().sentence())));
  }

  /** The answer, and in the next line what it would cost or the rule that refuses it. */
  @Override
  public List<String> lines() {
    if (failed != null) {
      Refusal why = failed.refusal();
      return List.of(
          "%s: %s, %s".formatted(why.errno(), why.rule().id(), why.sentence()),
          "rule: " + why.rule().sentence());
    }
    AltmapShare share = altmapShare();
    String structures =
        "%d pages, %d usable; %d bytes of page structures%s"
            .formatted(
                pages(),
                usablePages(),
                memmapBytes(),
                share == null
                    ? ""
                    : ", %d pages of them in the altmap from pfn 0x%x"
                        .formatted(share.pages(), share.atPfn()));
    return List.of("granted, cache mode " + layout.ranges().getFirst().mode(), structures);
  }

  @Override
  public String toString() {
    return String.join("; ", lines());
  }
}
