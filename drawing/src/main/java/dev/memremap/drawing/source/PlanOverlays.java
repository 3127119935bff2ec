// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.source;

import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was asked of a machine, and what the answer is. */
public final class PlanOverlays {
  private PlanOverlays() {}

  /**
   * Returns a remap, and what near it would be granted.
   *
   * @param resources those of the machine: a request that is partly System RAM is drawn in parts
   */
  public static List<Overlay> of(RemapPlan plan, ResourceSnapshot resources) {
    Objects.requireNonNull(resources, "resources");
    PhysRange range = range(plan.offset(), plan.size());
    List<String> lines = new ArrayList<>();
    lines.add("asked: memremap " + MemremapFlag.format(plan.flags()));
    RemapPlan.Grant grant = plan.grant();
    if (grant != null) {
      lines.add(
          "granted: %s%s%s"
              .formatted(
                  grant.mode(),
                  grant.direct() ? ", the direct map" : "",
                  grant.encrypted() ? ", encrypted" : ""));
    }
    for (Attempt attempt : plan.attempts()) {
      lines.add("%s %s, %s".formatted(attempt.mode(), attempt.outcome(), attempt.rule().id()));
    }
    List<Overlay> overlays = new ArrayList<>();
    overlays.add(asked(plan, range, lines, parts(plan, range, resources)));
    for (RemapPlan.Nearest near : plan.nearestGrants()) {
      String types =
          near.types().stream().map(MemremapFlag::name).collect(Collectors.joining(" or "));
      overlays.add(nearest(near.range(), near.direct() ? types + ", the direct map" : types));
    }
    return overlays;
  }

  /** Returns an ioremap, and what near it would be granted. */
  public static List<Overlay> of(IoremapPlan plan, String asked) {
    List<String> lines = new ArrayList<>();
    lines.add("asked: ioremap " + asked);
    plan.cacheMode().ifPresent(mode -> lines.add("granted: " + mode));
    List<Overlay> overlays = new ArrayList<>();
    overlays.add(asked(plan, plan.range(), lines, List.of()));
    plan.nearest().forEach(near -> overlays.add(nearest(near, asked)));
    return overlays;
  }

  /**
   * Returns a page map that is planned, and what near it would be granted.
   *
   * @param map the page map, whose first range is drawn with what its altmap sets aside
   */
  public static List<Overlay> of(PagemapPlan plan, DevPagemap map, long pageBytes) {
    List<Overlay> overlays = new ArrayList<>();
    for (int i = 0; i < map.ranges().size(); i++) {
      PagemapRange asked = map.ranges().get(i);
      PhysRange range = range(asked.start(), asked.sizeBytes());
      boolean isRefused =
          !plan.isGranted() && (plan.refusedRange() < 0 || plan.refusedRange() == i);
      List<String> lines = new ArrayList<>();
      lines.add("asked: %s page map".formatted(map.type().map(MemoryType::name).orElse("untyped")));
      plan.cacheMode().ifPresent(mode -> lines.add("granted: " + mode));
      if (plan.isGranted()) {
        lines.add(
            "%d of %d pages usable; structures %s"
                .formatted(plan.usablePages(), plan.pages(), SizeText.of(plan.memmapBytes())));
      }
      List<Overlay.Part> parts =
          plan.isGranted() && i == 0 ? parts(plan, map, range, pageBytes) : List.of();
      Kind kind = isRefused ? Kind.REFUSED : Kind.PAGEMAP_PLANNED;
      overlays.add(overlay("asked-" + i, kind, plan, range, lines, parts));
    }
    plan.nearest().forEach(near -> overlays.add(nearest(near, "a page map")));
    return overlays;
  }

  private static List<Overlay.Part> parts(
      PagemapPlan plan, DevPagemap map, PhysRange range, long pageBytes) {
    VmemAltmap altmap = map.altmap().orElse(null);
    if (altmap == null) {
      return List.of();
    }
    long used = plan.altmapPages();
    return AltmapParts.of(range, pageBytes, altmap.reserve(), used, altmap.free() - used);
  }

  private static Overlay asked(
      Plan plan, PhysRange range, List<String> lines, List<Overlay.Part> parts) {
    Kind kind = plan.isGranted() ? Kind.GRANTED : Kind.REFUSED;
    return overlay("asked", kind, plan, range, lines, parts);
  }

  private static Overlay overlay(
      String id,
      Kind kind,
      Plan plan,
      PhysRange range,
      List<String> lines,
      List<Overlay.Part> parts) {
    List<String> all = new ArrayList<>(lines);
    plan.refusal()
        .ifPresent(
            why -> {
              all.add("refused: %s [%s]".formatted(why.rule().id(), why.errno()));
              all.add(why.sentence());
            });
    boolean assumed = !plan.assumptions().isEmpty();
    return new Overlay(id, kind, range, all, assumed, parts, List.of());
  }

  private static Overlay nearest(PhysRange range, String what) {
    String id = "nearest-%x".formatted(range.start());
    List<String> lines = List.of("nearest: " + what, range + ", " + SizeText.of(range));
    return new Overlay(id, Kind.NEAREST, range, lines, false);
  }

  /** What of a mixed request is System RAM, and what is not. */
  private static List<Overlay.Part> parts(
      RemapPlan plan, PhysRange range, ResourceSnapshot resources) {
    if (plan.isGranted() || plan.region() != Intersection.MIXED) {
      return List.of();
    }
    List<Overlay.Part> parts = new ArrayList<>();
    @Nullable PhysRange rest = range;
    for (PhysRange run : resources.systemRamRunsIn(range)) {
      PhysRange ram = run.intersection(range).orElse(null);
      if (ram == null || rest == null) {
        continue;
      }
      if (rest.start() != ram.start()) {
        parts.add(other(new PhysRange(rest.start(), ram.start() - 1)));
      }
      parts.add(new Overlay.Part(ram, Kind.PART_RAM, "RAM " + SizeText.of(ram)));
      rest =
          ram.endInclusive() == range.endInclusive()
              ? null
              : new PhysRange(ram.endInclusive() + 1, range.endInclusive());
    }
    if (rest != null) {
      parts.add(other(rest));
    }
    return parts;
  }

  private static Overlay.Part other(PhysRange range) {
    return new Overlay.Part(range, Kind.PART_OTHER, "no RAM " + SizeText.of(range));
  }

  /** A range as it was asked for; one that is empty or wraps around is drawn as its first byte. */
  private static PhysRange range(long start, long size) {
    boolean isRange = size != 0 && Long.compareUnsigned(start + (size - 1), start) >= 0;
    return PhysRange.of(start, isRange ? size : 1);
  }
}
