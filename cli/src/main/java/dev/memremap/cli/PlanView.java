// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.FactsJson;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.NumberJson;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.cli.json.VerdictJson;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.KernelMemmap;
import dev.memremap.page.PagemapRange;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page map's plan, as lines for people and as JSON. */
final class PlanView {
  /** What a plan by size rests on; it has no addresses. */
  private static final Set<Fact> OF_SIZES = Set.of(Fact.ARCH, Fact.KERNEL, Fact.KERNEL_RULES);

  private final DevPagemap map;
  private final PagemapPlan plan;
  private final PlannedPlace place;
  private final PagemapRange range;
  private final List<PhysRange> nearest;
  private final MachineDescription machine;
  private final long pageBytes;
  private final int kernelPage;
  private final boolean withLog;

  /**
   * Of a map that has one range.
   *
   * @param place what was asked for
   * @param machine the machine it was planned for
   * @param kernelPage the page size of the Linux to compare with
   * @param withLog whether to say what the machine's kernel would log
   */
  PlanView(
      DevPagemap map,
      PagemapPlan plan,
      PlannedPlace place,
      MachineDescription machine,
      int kernelPage,
      boolean withLog) {
    this.map = map;
    this.plan = plan;
    this.place = place;
    this.range = map.ranges().getFirst();
    this.nearest = plan.nearest();
    this.machine = machine;
    this.pageBytes = machine.pageSize();
    this.kernelPage = kernelPage;
    this.withLog = withLog;
  }

  private long kernelBytes() {
    int shared = KernelMemmap.sharesTails(machine) ? map.vmemmapShift() : 0;
    return KernelMemmap.bytes(range.sizeBytes(), shared, map.altmap().isPresent(), kernelPage);
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(place.lines());
    lines.addAll(plan.isGranted() ? granted() : refused());
    if (withLog) {
      lines.addAll(new KernelLogView(machine, plan).lines());
    }
    for (Fact.Known assumed : assumptions()) {
      // an architecture that was not meant makes all that follows another answer
      lines.add(assumed.fact() == Fact.ARCH ? 0 : lines.size(), assumed.toString());
    }
    return lines;
  }

  private List<Fact.Known> assumptions() {
    return plan.assumptions().stream()
        .filter(assumed -> place.hasStart() || OF_SIZES.contains(assumed.fact()))
        .toList();
  }

  private List<String> granted() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s page map of %s%s: granted"
            .formatted(
                map.type().orElseThrow(),
                exact(range.sizeBytes()),
                place.hasStart() ? " at " + Words.judged(range.start(), range.sizeBytes()) : ""));
    lines.add(
        "  page structures  %s (%d bytes for each of %d pages)"
            .formatted(exact(plan.memmapBytes()), plan.geometry().entryBytes(), plan.pages()));
    lines.add("  they lie         " + where());
    lines.add(
        "  left to use      %s (%d pages%s)"
            .formatted(
                exact(plan.usablePages() * pageBytes),
                plan.usablePages(),
                map.vmemmapShift() == 0
                    ? ""
                    : ", in compound pages of %s"
                        .formatted(exact(pageBytes << map.vmemmapShift()))));
    lines.add("  references       %d beyond the initial one".formatted(plan.references()));
    lines.add(
        "  Linux takes      %s for the same (%d bytes for each page of %s)"
            .formatted(exact(kernelBytes()), KernelMemmap.STRUCT_PAGE_BYTES, exact(kernelPage)));
    lines.add("  alignment        start and size are multiples of 2M, as they must be");
    return lines;
  }

  private String where() {
    long altmapBytes = plan.altmapPages() * pageBytes;
    if (altmapBytes == 0) {
      return "outside the device, and take memory only for pages that are touched";
    }
    VmemAltmap altmap = map.altmap().orElseThrow();
    return "in the device: %d pages of its altmap (reserve %d, free %d)"
        .formatted(plan.altmapPages(), altmap.reserve(), altmap.free());
  }

  private List<String> refused() {
    List<String> lines = new ArrayList<>();
    Refusal why = plan.refusal().orElseThrow();
    String judged = place.hasStart() ? Words.judged(range.start(), range.sizeBytes()) : "this size";
    lines.add(
        "refused for %s, %s: %s, %s"
            .formatted(judged, why.errno(), why.rule().id(), why.sentence()));
    lines.add("  rule: " + why.rule().sentence());
    if (place.hasStart() && !nearest.isEmpty()) {
      lines.add(
          "nearest range that works: "
              + nearest.stream().map(PlanView::text).collect(Collectors.joining("; or ")));
    } else if (!nearest.isEmpty()) {
      lines.add(
          "nearest size that works: "
              + nearest.stream()
                  .map(range -> Memparse.format(range.sizeBytes()))
                  .distinct()
                  .collect(Collectors.joining("; or ")));
    }
    return lines;
  }

  private static String text(PhysRange range) {
    return "0x%x+%s".formatted(range.start(), Memparse.format(range.sizeBytes()));
  }

  /** {@code 256M}, or {@code 4.1G (4404019200 bytes)} where that is not exact. */
  static String exact(long bytes) {
    String plain = Memparse.format(bytes);
    return plain.length() <= 6
        ? plain
        : "%s (%s bytes)".formatted(Words.size(bytes), Long.toUnsignedString(bytes));
  }

  /**
   * As JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  String toJson(Consumer<ObjectNode> remarks) {
    ObjectNode node = JsonDocument.of("plan");
    place.fill(node);
    node.put("type", map.type().orElseThrow().name());
    node.put("granted", plan.isGranted());
    plan.refusal().ifPresent(why -> VerdictJson.refused(node, why));
    plan.departure().ifPresent(rule -> node.put("departs", rule.id()));
    if (plan.isGranted()) {
      node.put("memmap", plan.geometry().id());
      NumberJson.put(node, "pages", plan.pages());
      NumberJson.put(node, "usablePages", plan.usablePages());
      NumberJson.put(node, "references", plan.references());
      NumberJson.put(node, "memmapBytes", plan.memmapBytes());
      map.altmap().ifPresent(altmap -> fill(node.putObject("altmap"), altmap));
      node.put("kernelPageSize", kernelPage);
      NumberJson.put(node, "kernelMemmapBytes", kernelBytes());
    }
    addNearest(node.putArray("nearest"));
    if (withLog) {
      new KernelLogView(machine, plan).fill(node);
    }
    FactsJson.assumptions(node, assumptions());
    remarks.accept(node);
    return JsonDocument.text(node);
  }

  private void fill(ObjectNode node, VmemAltmap altmap) {
    NumberJson.put(node, "reserve", altmap.reserve());
    NumberJson.put(node, "free", altmap.free());
    NumberJson.put(node, "alloc", plan.altmapPages());
  }

  /** Ranges, or, where no start was given, sizes, each once. */
  private void addNearest(ArrayNode array) {
    if (place.hasStart()) {
      nearest.forEach(range -> RangeJson.fill(array.addObject(), range));
    } else {
      nearest.stream()
          .map(PhysRange::sizeBytes)
          .distinct()
          .forEach(bytes -> NumberJson.put(array.addObject(), "size", bytes));
    }
  }
}
