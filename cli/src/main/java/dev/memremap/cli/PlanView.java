// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.KernelMemmap;
import dev.memremap.page.PagemapRange;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page map's plan, as lines for people and as JSON. */
final class PlanView {
  private final DevPagemap map;
  private final PagemapPlan plan;
  private final boolean hasStart;
  private final PagemapRange range;
  private final List<PhysRange> nearest;
  private final long pageBytes;
  private final int kernelPage;

  /**
   * Of a map that has one range.
   *
   * @param hasStart whether the range was given with its start, not by its size alone
   * @param pageBytes the page size of the machine it was planned for
   * @param kernelPage the page size of the Linux to compare with
   */
  PlanView(DevPagemap map, PagemapPlan plan, boolean hasStart, long pageBytes, int kernelPage) {
    this.map = map;
    this.plan = plan;
    this.hasStart = hasStart;
    this.range = map.ranges().getFirst();
    this.nearest = plan.nearest();
    this.pageBytes = pageBytes;
    this.kernelPage = kernelPage;
  }

  private long kernelBytes() {
    return KernelMemmap.bytes(
        range.sizeBytes(), map.vmemmapShift(), map.altmap().isPresent(), kernelPage);
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(plan.isGranted() ? granted() : refused());
    for (Fact.Known assumed : assumptions()) {
      // an architecture that was not meant makes all that follows another answer
      lines.add(assumed.fact() == Fact.ARCH ? 0 : lines.size(), assumed.toString());
    }
    return lines;
  }

  /** What is assumed. A plan by size has no addresses, so it rests on the architecture alone. */
  private List<Fact.Known> assumptions() {
    return plan.assumptions().stream()
        .filter(assumed -> hasStart || assumed.fact() == Fact.ARCH)
        .toList();
  }

  private List<String> granted() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s page map of %s%s: granted"
            .formatted(
                map.type().orElseThrow(),
                exact(range.sizeBytes()),
                hasStart ? " at " + Words.judged(range.start(), range.sizeBytes()) : ""));
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
    String judged = hasStart ? Words.judged(range.start(), range.sizeBytes()) : "this size";
    lines.add(
        "refused for %s, %s: %s, %s"
            .formatted(judged, why.errno(), why.rule().id(), why.sentence()));
    lines.add("  rule: " + why.rule().sentence());
    if (hasStart && !nearest.isEmpty()) {
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
    ObjectNode node = request(map, hasStart);
    node.put("granted", plan.isGranted());
    plan.refusal()
        .ifPresent(
            why -> {
              node.put("errno", why.errno().name());
              node.put("rule", why.rule().id());
              node.put("ruleText", why.rule().sentence());
              node.put("sentence", why.sentence());
            });
    plan.departure().ifPresent(rule -> node.put("departs", rule.id()));
    if (plan.isGranted()) {
      node.put("memmap", plan.geometry().name().toLowerCase(Locale.ROOT));
      node.put("pages", plan.pages());
      node.put("usablePages", plan.usablePages());
      node.put("references", plan.references());
      node.put("memmapBytes", plan.memmapBytes());
      node.put("altmapPages", plan.altmapPages());
      map.altmap()
          .ifPresent(
              altmap -> {
                node.put("altmapReserve", altmap.reserve());
                node.put("altmapFree", altmap.free());
              });
      node.put("kernelPageBytes", kernelPage);
      node.put("kernelMemmapBytes", kernelBytes());
    }
    if (!assumptions().isEmpty()) {
      FactsJson.fill(node.putArray("assumptions"), assumptions());
    }
    ArrayNode near = node.putArray("nearest");
    nearest.forEach(range -> near.add(text(range)));
    remarks.accept(node);
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }

  /**
   * The refusal of a machine that has no plan, because its architecture has no rules (C-19), as
   * JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  static String toJson(
      DevPagemap map, boolean hasStart, MemremapException refused, Consumer<ObjectNode> remarks) {
    ObjectNode node = request(map, hasStart);
    RefusedJson.fill(node, refused);
    remarks.accept(node);
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }

  private static ObjectNode request(DevPagemap map, boolean hasStart) {
    PagemapRange range = map.ranges().getFirst();
    ObjectNode node = JsonMapper.shared().createObjectNode();
    if (hasStart) {
      node.put("start", "0x" + Long.toHexString(range.start()));
    }
    node.put("sizeBytes", Long.toUnsignedString(range.sizeBytes()));
    node.put("type", map.type().orElseThrow().name());
    return node;
  }
}
