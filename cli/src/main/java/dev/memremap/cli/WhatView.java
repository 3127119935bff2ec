// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.cli.json.FactsJson;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.NumberJson;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.cli.json.ResourceJson;
import dev.memremap.cli.json.VerdictJson;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.rule.Fact;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What lies at a place, and what may be done there, for people and for programs.
 *
 * @param range the bytes that were judged
 * @param machine the machine, as it was asked
 * @param owners the resources that share a byte with the range, in the order of {@code /proc/iomem}
 * @param kind what its first byte is; null in a hole
 * @param holders the busy resources that hold a byte of the range, each the innermost around one
 * @param device whose region its first byte lies in; null without one
 * @param drivers what kernel drivers use regions of devices in the range
 * @param node its NUMA node, where the system says it
 * @param calls what drivers' calls would answer
 */
record WhatView(
    PhysRange range,
    Machine machine,
    List<Listed.At> owners,
    @Nullable ResourceKind kind,
    List<Resource> holders,
    @Nullable DeviceRegion device,
    List<DeviceRegion> drivers,
    OptionalInt node,
    List<DriverCall> calls) {
  private static final Set<Fact> OF_MEMORY_TYPES =
      EnumSet.of(Fact.MTRRS, Fact.MTRR_DEFAULT, Fact.MEMORY_TYPES);

  /**
   * Asks a machine.
   *
   * @param nodes tells NUMA nodes; null where the machine is not this computer
   */
  static WhatView of(Machine machine, Where.Spot spot, @Nullable NumaNode nodes) {
    PhysRange range = spot.range();
    List<Resource> path = new ArrayList<>(machine.softReserve().pathTo(range.start()));
    path.addAll(machine.resources().pathTo(range.start()));
    DeviceRegion device = DeviceRegion.at(machine, range.start());
    List<Listed.At> owners = new ArrayList<>(Listed.in(machine.softReserve(), range));
    owners.addAll(Listed.in(machine.resources(), range));
    return new WhatView(
        range,
        machine,
        owners,
        path.isEmpty() ? null : MemoryTotals.kind(path),
        owners.stream().map(Listed.At::resource).filter(each -> holds(each, range)).toList(),
        device,
        DeviceRegion.in(machine, range).stream().filter(each -> each.driver() != null).toList(),
        nodes == null
            ? OptionalInt.empty()
            : nodes.of(range.start(), device == null ? null : device.hardware()),
        DriverCall.of(machine, range));
  }

  /** Whether a busy resource has a byte of the range that no busy one inside it has. */
  private static boolean holds(Resource resource, PhysRange range) {
    return resource.isBusy() && unheld(resource, range).signum() > 0;
  }

  /** How many bytes of the range in a resource lie in no busy one inside it. */
  private static BigInteger unheld(Resource resource, PhysRange range) {
    BigInteger left = common(resource, range);
    for (Resource child : resource.children()) {
      if (child.range().overlaps(range)) {
        BigInteger all = common(child, range);
        left = left.subtract(child.isBusy() ? all : all.subtract(unheld(child, range)));
      }
    }
    return left;
  }

  private static BigInteger common(Resource resource, PhysRange range) {
    PhysRange other = resource.range();
    boolean later = Long.compareUnsigned(other.start(), range.start()) > 0;
    boolean earlier = Long.compareUnsigned(other.endInclusive(), range.endInclusive()) < 0;
    long first = later ? other.start() : range.start();
    long last = earlier ? other.endInclusive() : range.endInclusive();
    return Words.bytes(PhysRange.of(first, last - first + 1));
  }

  /** What lies there; then a line for each thing that is known; then what calls would answer. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(first());
    boolean several = owners.stream().anyMatch(owner -> !owner.resource().range().contains(range));
    String name = several ? "resources" : "owners";
    for (Listed.At owner : owners) {
      lines.add(row(name, text(owner)));
      name = "";
    }
    ResourceKind known = kind;
    if (known != null) {
      lines.add(row("kind", "%s: %s".formatted(known, known.meaning())));
    }
    DeviceRegion region = device;
    if (region != null) {
      lines.add(row("device", region.text(range.start())));
      region.routes().forEach(file -> lines.add(row("file", file)));
    }
    lines.add(row("held by", heldBy()));
    lines.add(row("page", page()));
    lines.add(row("page map", pagemap()));
    node.ifPresent(number -> lines.add(row("NUMA node", Integer.toString(number))));
    lines.add(row("memory type", memoryType()));
    for (Fact.Known fact : memoryTypeFacts()) {
      lines.add(row("", "%s %s".formatted(fact.fact().id(), fact)));
    }
    lines.add("what drivers' calls would answer for %s:".formatted(judged()));
    for (DriverCall call : calls) {
      lines.add("  %-21s  %s".formatted(call.call(), call.answer()));
    }
    for (Fact.Known assumed : assumptions()) {
      if (!OF_MEMORY_TYPES.contains(assumed.fact())) {
        lines.add("  " + assumed);
      }
    }
    return lines;
  }

  private static String row(String name, String value) {
    return "  %-11s  %s".formatted(name, value);
  }

  private String judged() {
    return Words.judged(range.start(), range.sizeBytes());
  }

  private String first() {
    if (owners.isEmpty()) {
      return machine.resources().root().children().isEmpty()
          ? "what lies at %s is not known: the resource tree could not be read".formatted(judged())
          : "no resource of the machine lies at " + judged();
    }
    Resource innermost = owners.getLast().resource();
    return owners.stream().allMatch(owner -> owner.resource().range().contains(range))
        ? "%s lies in %s".formatted(judged(), IomemView.name(innermost))
        : "%s lies in several resources, or partly in none".formatted(judged());
  }

  private static String text(Listed.At owner) {
    Resource resource = owner.resource();
    return "%s%s : %s, %s"
        .formatted(
            "  ".repeat(owner.depth()),
            Words.range(resource.range()),
            IomemView.name(resource),
            resource.kind().meaning());
  }

  /** Each driver with the resources that it holds by, and then what else is held. */
  private String heldBy() {
    List<String> all = new ArrayList<>();
    List<Resource> others = new ArrayList<>(holders);
    for (DeviceRegion region : drivers) {
      List<Resource> of =
          others.stream().filter(each -> region.range().overlaps(each.range())).toList();
      others.removeAll(of);
      String as = of.isEmpty() ? "" : ", as " + named(of);
      all.add("the driver " + region.driver() + as);
    }
    if (!others.isEmpty()) {
      all.add(named(others));
    }
    if (all.isEmpty()) {
      return "nothing: no resource around it is busy";
    }
    boolean whole = holders.stream().anyMatch(each -> each.range().contains(range));
    return String.join("; ", all) + (whole || isHeld() ? "" : "; nothing else in it is busy");
  }

  /** Whether each byte of the range is in a busy resource. */
  private boolean isHeld() {
    BigInteger held =
        holders.stream().map(each -> unheld(each, range)).reduce(BigInteger.ZERO, BigInteger::add);
    return held.equals(Words.bytes(range));
  }

  private static String named(List<Resource> resources) {
    return String.join(
        ", ",
        resources.stream()
            .map(each -> "%s (%s)".formatted(IomemView.name(each), Words.range(each.range())))
            .toList());
  }

  private long pfn() {
    return range.firstPfn(machine.pageSize());
  }

  private String page() {
    Page.Zone zone = machine.zone(pfn());
    return "0x%x, %s"
        .formatted(
            pfn(),
            switch (zone) {
              case NORMAL -> "with a page structure of System RAM";
              case DEVICE -> "with a page structure of a page map";
              case NONE -> "without a page structure";
            });
  }

  private String pagemap() {
    DevPagemap map = machine.pagemapAt(pfn());
    return map == null ? "none; memremap_pages below says whether one can be made" : map.toString();
  }

  private List<MemtypeEntry> mapped() {
    return Stream.concat(
            machine.memtypes().entries().stream(), machine.memtypes().ramPages().stream())
        .filter(entry -> entry.range().overlaps(range))
        .toList();
  }

  /** What is mapped there, and what a mapping with the default type would be. */
  private String memoryType() {
    String now =
        String.join(
            ", ",
            mapped().stream()
                .map(entry -> "%s is mapped %s".formatted(entry.range(), entry.mode()))
                .toList());
    return calls.stream()
        .filter(call -> call.call().equals(DriverCall.WB) && call.mode() != null)
        .findFirst()
        .map(
            call ->
                "%s %s; %s"
                    .formatted(
                        call.mode(),
                        ofDefault(),
                        now.isEmpty() ? "no other mapping is known" : now))
        .orElse(now.isEmpty() ? "no mapping is known" : now);
  }

  private String ofDefault() {
    return machine.regionIntersects(range) == Intersection.INTERSECTS
        ? "in the direct map"
        : "if WB is asked for";
  }

  private List<Fact.Known> memoryTypeFacts() {
    return machine.description().facts().stream()
        .filter(known -> OF_MEMORY_TYPES.contains(known.fact()))
        .toList();
  }

  /** Each fact once: of one machine, it is known in one way. */
  private Collection<Fact.Known> assumptions() {
    Map<Fact, Fact.Known> all = new LinkedHashMap<>();
    for (DriverCall call : calls) {
      call.assumptions().forEach(known -> all.putIfAbsent(known.fact(), known));
    }
    return all.values();
  }

  /**
   * As JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  String toJson(Consumer<ObjectNode> remarks) {
    ObjectNode root = JsonDocument.of("what");
    RangeJson.fill(root.putObject("range"), range);
    root.put("hole", owners.isEmpty() && !machine.resources().root().children().isEmpty());
    ArrayNode all = root.putArray("owners");
    for (Listed.At owner : owners) {
      ObjectNode one = all.addObject();
      ResourceJson.fill(one, owner.resource());
      one.put("depth", owner.depth());
    }
    root.put("kind", kind == null ? null : kind.name());
    ArrayNode holding = root.putArray("heldBy");
    holders.forEach(holder -> ResourceJson.fill(holding.addObject(), holder));
    DeviceRegion region = device;
    if (region != null) {
      region.fill(root.putObject("device"), range.start());
    }
    NumberJson.putAddress(root, "pfn", pfn());
    root.put("zone", machine.zone(pfn()).name().toLowerCase(Locale.ROOT));
    DevPagemap map = machine.pagemapAt(pfn());
    root.put("pagemap", map == null ? null : map.toString());
    if (node.isPresent()) {
      root.put("numaNode", node.getAsInt());
    }
    ArrayNode types = root.putArray("memoryTypes");
    for (MemtypeEntry entry : mapped()) {
      ObjectNode one = types.addObject();
      RangeJson.fill(one, entry.range());
      one.put("mode", entry.mode().symbol());
    }
    FactsJson.facts(root, memoryTypeFacts(), machine.description());
    ArrayNode answers = root.putArray("calls");
    calls.forEach(call -> fill(answers.addObject(), call, range));
    FactsJson.assumptions(root, assumptions());
    remarks.accept(root);
    return JsonDocument.text(root);
  }

  private static void fill(ObjectNode one, DriverCall call, PhysRange range) {
    one.put("call", call.call());
    RangeJson.fill(one.putObject("range"), call.asked(range));
    one.put("granted", call.isGranted());
    if (call.mode() != null) {
      one.put("mode", call.mode().symbol());
    }
    if (!call.way().isEmpty()) {
      one.put("way", call.way());
    }
    if (call.refusal() == null) {
      VerdictJson.because(one, call.sentence());
    } else {
      VerdictJson.refused(one, call.refusal().saying(call.sentence()));
    }
  }
}
