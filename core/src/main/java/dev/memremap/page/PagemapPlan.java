// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code devm_memremap_pages} would do with a page map: what it would cost, or why it is
 * refused. Computed from the machine's tables without changing them.
 *
 * <p>Thread safety: immutable; true of the tables as they were.
 */
public final class PagemapPlan {
  private final DevPagemap map;
  private final MemmapGeometry geometry;
  private final List<LiveRange> ranges;
  private final @Nullable AltmapShare share;
  private final VmemAltmap.@Nullable Used altmapAfter;
  private final @Nullable Refusal refusal;
  private final @Nullable Rule departure;
  private final boolean parts;

  /**
   * Why a page map is refused.
   *
   * @param errno the error
   * @param rule the rule that decided
   * @param range the index of the range it is about, from 0; -1 if it is about the whole map
   * @param sentence what is wrong, where, and what to do
   */
  public record Refusal(Errno errno, Rule rule, int range, String sentence) {}

  PagemapPlan(
      DevPagemap map,
      MemmapGeometry geometry,
      List<LiveRange> ranges,
      @Nullable AltmapShare share,
      VmemAltmap.@Nullable Used altmapAfter,
      @Nullable Refusal refusal,
      @Nullable Rule departure,
      boolean parts) {
    this.map = map;
    this.geometry = geometry;
    this.ranges = List.copyOf(ranges);
    this.share = share;
    this.altmapAfter = altmapAfter;
    this.refusal = refusal;
    this.departure = departure;
    this.parts = parts;
  }

  /** The map that was asked for. */
  public DevPagemap map() {
    return map;
  }

  /** Whether it would be mapped. */
  public boolean isGranted() {
    return refusal == null;
  }

  /** Why it would not. */
  public Optional<Refusal> refusal() {
    return Optional.ofNullable(refusal);
  }

  /** The departure that the answer follows from, where a kernel would have answered otherwise. */
  public Optional<Rule> departure() {
    return Optional.ofNullable(departure);
  }

  /**
   * Whether a kernel that answers the same would be left in another state: it keeps a part of the
   * failed map (D-11).
   */
  public boolean parts() {
    return parts;
  }

  /** The geometry that its page structures would have. */
  public MemmapGeometry geometry() {
    return geometry;
  }

  /** How many pages its ranges have. */
  public long pages() {
    return ranges.stream().mapToLong(LiveRange::pages).sum();
  }

  /** How many of them would have a structure of their own. */
  public long usablePages() {
    return ranges.stream().mapToLong(LiveRange::usablePages).sum();
  }

  /** How many references the map would hold besides the initial one (C-5). */
  public long references() {
    MemoryType type = map.type().orElse(null);
    return type == null || type.freshCount() == 0
        ? 0
        : ranges.stream().mapToLong(LiveRange::references).sum();
  }

  /** How many bytes its page structures would take. */
  public long memmapBytes() {
    return geometry.entryBytes() * pages();
  }

  /** How many pages of the altmap they would take; 0 without one. */
  public long altmapPages() {
    return share == null ? 0 : share.pages();
  }

  List<LiveRange> liveRanges() {
    return ranges;
  }

  @Nullable AltmapShare altmapShare() {
    return share;
  }

  VmemAltmap.@Nullable Used altmapAfter() {
    return altmapAfter;
  }

  /** The refusal as an exception. */
  MemremapException exception() {
    Refusal why = Objects.requireNonNull(refusal);
    return new MemremapException(
        why.errno, why.rule, "memremap_pages of %s: %s".formatted(map, why.sentence));
  }

  /** The answer in a line, and what it would cost or why it is refused in the next. */
  public List<String> lines() {
    Refusal why = refusal;
    if (why != null) {
      return List.of(
          "%s: %s, %s".formatted(why.errno, why.rule.id(), why.sentence),
          "rule: " + why.rule.sentence());
    }
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
    return List.of("granted, cache mode " + ranges.getFirst().mode(), structures);
  }

  @Override
  public String toString() {
    return String.join("; ", lines());
  }
}
