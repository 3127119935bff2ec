// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.NumberJson;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.KernelMemmap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A machine's page maps, and what could be given one, as lines for people and as JSON. */
final class PagesView {
  /** What start and size of a page map are multiples of. */
  static final long ALIGNMENT = 2L << 20;

  private static final Set<ResourceKind> CANDIDATES =
      Set.of(
          ResourceKind.PERSISTENT_MEMORY,
          ResourceKind.PERSISTENT_MEMORY_LEGACY,
          ResourceKind.SOFT_RESERVED,
          ResourceKind.CXL_WINDOW,
          ResourceKind.DAX_DEVICE,
          ResourceKind.PCI_DEVICE);

  private final Machine machine;

  /** A resource, and the page map that its aligned part could have. */
  private record Candidate(Resource resource, PhysRange range, DevPagemap map, PagemapPlan plan) {}

  PagesView(Machine machine) {
    this.machine = machine;
  }

  private static String state(DevPagemap map) {
    return switch (map.state()) {
      case LIVE -> "live";
      case KILLED -> "killed";
      case DRAINING, HELD, UNMAPPED -> "draining";
    };
  }

  private static long sizeBytes(DevPagemap map) {
    return map.ranges().stream().mapToLong(PagemapRange::sizeBytes).sum();
  }

  private long kernelBytes(DevPagemap map) {
    int shared = KernelMemmap.sharesTails(machine.description()) ? map.vmemmapShift() : 0;
    return KernelMemmap.bytes(sizeBytes(map), shared, map.altmap().isPresent(), machine.pageSize());
  }

  List<String> lines() {
    List<DevPagemap> maps = machine.pagemaps();
    List<String> lines = new ArrayList<>();
    maps.forEach(map -> lines.addAll(describe(map)));
    if (maps.isEmpty()) {
      lines.add("no page maps");
      List<Candidate> candidates = candidates();
      if (!candidates.isEmpty()) {
        lines.add("could have one:");
      }
      for (Candidate candidate : candidates) {
        lines.add(
            "  0x%x+%s  %s: page structures %s, Linux %s"
                .formatted(
                    candidate.map.range().start(),
                    Memparse.format(candidate.map.range().sizeBytes()),
                    IomemView.name(candidate.resource),
                    PlanView.exact(candidate.plan.memmapBytes()),
                    PlanView.exact(kernelBytes(candidate.map))));
      }
    }
    return lines;
  }

  private List<String> describe(DevPagemap map) {
    List<String> lines = new ArrayList<>();
    lines.add("%s: %s, mode %s".formatted(map, state(map), map.cacheMode()));
    for (PagemapRange range : map.ranges()) {
      lines.add("  range       %s, %s".formatted(range, PlanView.exact(range.sizeBytes())));
    }
    lines.add(
        "  type        %s%s"
            .formatted(
                map.type().map(MemoryType::name).orElse("not set"),
                map.vmemmapShift() == 0
                    ? ""
                    : ", compound pages of 2^%d".formatted(map.vmemmapShift())));
    lines.add(
        "  references  %d its own, %d held by others; %s"
            .formatted(
                map.ownReferences(),
                map.outsideReferences(),
                map.ref().isPresent() ? "the caller's reference" : "a reference of its own"));
    map.manager().ifPresent(manager -> lines.add("  managed by  " + manager));
    lines.add(
        "  pages       %d usable, their structures %s; Linux would take %s"
            .formatted(
                map.usablePages(),
                PlanView.exact(map.memmapBytes()),
                PlanView.exact(kernelBytes(map))));
    map.altmap()
        .ifPresent(
            altmap ->
                lines.add(
                    "  altmap      reserve %d, free %d, align %d, alloc %d pages"
                        .formatted(
                            altmap.reserve(), altmap.free(), altmap.align(), altmap.alloc())));
    return lines;
  }

  /** What a driver would bring a page map for, as far as whole 2 MiB of it lie beside RAM. */
  private List<Candidate> candidates() {
    List<Candidate> found = new ArrayList<>();
    machine
        .resources()
        .walk(
            (resource, depth) -> {
              PhysRange range = resource.range();
              long start = (range.start() + ALIGNMENT - 1) & -ALIGNMENT;
              long end = (range.endInclusive() + 1) & -ALIGNMENT;
              if (CANDIDATES.contains(ResourceKind.of(resource.name()))
                  && start > 0
                  && start < end) {
                PhysRange aligned = PhysRange.of(start, end - start);
                DevPagemap map = DevPagemap.over(aligned).type(MemoryType.GENERIC).build();
                PagemapPlan plan = machine.explainPages(map);
                if (plan.isGranted()) {
                  found.add(new Candidate(resource, aligned, map, plan));
                }
              }
            });
    return found;
  }

  /**
   * As JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  String toJson(Consumer<ObjectNode> remarks) {
    ObjectNode node = JsonDocument.of("pages");
    ArrayNode maps = node.putArray("pagemaps");
    for (DevPagemap map : machine.pagemaps()) {
      toJson(map, maps.addObject());
    }
    ArrayNode candidates = node.putArray("candidates");
    if (machine.pagemaps().size() == 0) {
      for (Candidate candidate : candidates()) {
        ObjectNode one = candidates.addObject();
        one.put("name", candidate.resource.name());
        RangeJson.fill(one.putObject("range"), candidate.range);
        NumberJson.put(one, "memmapBytes", candidate.plan.memmapBytes());
        NumberJson.put(one, "kernelMemmapBytes", kernelBytes(candidate.map));
      }
    }
    remarks.accept(node);
    return JsonDocument.text(node);
  }

  private void toJson(DevPagemap map, ObjectNode one) {
    one.put("name", map.toString());
    one.put("type", map.type().map(MemoryType::name).orElse(null));
    one.put("state", state(map));
    one.put("mode", map.cacheMode().symbol());
    ArrayNode ranges = one.putArray("ranges");
    for (PagemapRange range : map.ranges()) {
      RangeJson.fill(ranges.addObject(), range.start(), range.sizeBytes());
    }
    NumberJson.put(one, "ownReferences", map.ownReferences());
    NumberJson.put(one, "outsideReferences", map.outsideReferences());
    one.put("callersReference", map.ref().isPresent());
    map.manager().ifPresent(manager -> one.put("manager", manager.toString()));
    one.put("vmemmapShift", map.vmemmapShift());
    NumberJson.put(one, "usablePages", map.usablePages());
    if (map.memmapBytes() != 0) {
      one.put("memmap", geometry(map).id());
    }
    NumberJson.put(one, "memmapBytes", map.memmapBytes());
    NumberJson.put(one, "kernelMemmapBytes", kernelBytes(map));
    map.altmap()
        .ifPresent(
            altmap -> {
              ObjectNode each = one.putObject("altmap");
              NumberJson.putAddress(each, "basePfn", altmap.basePfn());
              NumberJson.put(each, "reserve", altmap.reserve());
              NumberJson.put(each, "free", altmap.free());
              NumberJson.put(each, "align", altmap.align());
              NumberJson.put(each, "alloc", altmap.alloc());
            });
  }

  private MemmapGeometry geometry(DevPagemap map) {
    long perPage = map.memmapBytes() / (sizeBytes(map) / machine.pageSize());
    return perPage == MemmapGeometry.KERNEL.entryBytes()
        ? MemmapGeometry.KERNEL
        : MemmapGeometry.COMPACT;
  }
}
