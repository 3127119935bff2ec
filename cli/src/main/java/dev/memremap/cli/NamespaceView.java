// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.FactsJson;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.NumberJson;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.cli.json.VerdictJson;
import dev.memremap.machine.Architecture;
import dev.memremap.machine.MachineDescription;
import dev.memremap.nvdimm.NamespaceLayout;
import dev.memremap.nvdimm.NamespacePlan;
import dev.memremap.nvdimm.NamespaceRequest;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.KernelMemmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The plan of a namespace, as lines for people and as JSON.
 *
 * @param plan what ndctl would leave
 * @param pages what the machine says of the namespace's page map; null if it was not asked
 * @param inRam that its memory is System RAM; null if it is not
 * @param machine whose memory it is, or with nothing in it whose kind
 * @param place what was asked for: the region
 */
record NamespaceView(
    NamespacePlan plan,
    @Nullable PagemapPlan pages,
    @Nullable Refusal inRam,
    MachineDescription machine,
    PlannedPlace place) {
  private static final int MEASURED_PAGE = 4096;

  private boolean hasStart() {
    return place.hasStart();
  }

  /** Why the namespace is not made: by ndctl, or because its memory cannot have a page map. */
  private Optional<Refusal> refusal() {
    return plan.refusal()
        .or(() -> Optional.ofNullable(pages).flatMap(PagemapPlan::refusal))
        .or(() -> Optional.ofNullable(inRam));
  }

  boolean isGranted() {
    return refusal().isEmpty();
  }

  private List<Fact.Known> assumptions() {
    return pages == null ? assumedArchitecture(machine).stream().toList() : pages.assumptions();
  }

  /** That a machine's architecture is assumed, if it is. */
  static Optional<Fact.Known> assumedArchitecture(MachineDescription machine) {
    return machine.facts().stream()
        .filter(known -> known.fact() == Fact.ARCH && known.isAssumed())
        .findFirst();
  }

  /** That no answers of such a kernel were recorded. */
  private Optional<String> unmeasured() {
    return machine.architecture() == Architecture.X86_64 && plan.pageBytes() == MEASURED_PAGE
        ? Optional.empty()
        : Optional.of(
            "planned by the kernel's rules; ndctl itself was asked on x86_64 with pages of 4K");
  }

  // ---- lines ---------------------------------------------------------------------------------

  List<String> lines() {
    List<String> lines = new ArrayList<>(place.lines());
    lines.addAll(isGranted() ? granted() : refused());
    for (Fact.Known assumed : assumptions()) {
      // an architecture that was not meant makes all that follows another answer
      lines.add(assumed.fact() == Fact.ARCH ? 0 : lines.size(), assumed.toString());
    }
    return lines;
  }

  private String title() {
    return "%s namespace in %s"
        .formatted(
            NamespaceOptions.name(plan.request().mode()),
            (hasStart() ? "" : "a region of ")
                + NamespaceOptions.region(plan.request().region(), hasStart()));
  }

  private List<String> granted() {
    NamespaceLayout layout = plan.layout().orElseThrow();
    List<String> lines = new ArrayList<>();
    lines.add(title() + ": granted");
    lines.add(
        "  namespace        %s, %s"
            .formatted(
                at(layout.namespace()),
                plan.request().labels()
                    ? "of a region with labels"
                    : "all of its region, without labels"));
    lines.add("  info block       " + at(layout.infoBlock()));
    lines.add("  page structures  " + structures(layout));
    layout.altmap().ifPresent(altmap -> lines.add("  altmap           " + text(altmap)));
    lines.add(
        "  data             %s, from %s on (%d pages)"
            .formatted(at(layout.data()), PlanView.exact(layout.dataOffset()), layout.pages()));
    lines.add(
        "  left out         start_pad %d, end_trunc %d"
            .formatted(layout.startPad(), layout.endTrunc()));
    DevPagemap map = plan.pagemap().build();
    lines.add(
        "  mapped           %s as %s%s"
            .formatted(
                at(layout.mapped()),
                map.type().orElseThrow(),
                layout.vmemmapShift() == 0
                    ? ""
                    : ", in compound pages of "
                        + PlanView.exact(plan.pageBytes() << layout.vmemmapShift())));
    lines.add(
        "  alignment        mappings %s, memremap_compat_align %s, region %s"
            .formatted(
                PlanView.exact(layout.alignBytes()),
                PlanView.exact(plan.compatAlignBytes()),
                PlanView.exact(plan.regionAlignBytes())));
    if (plan.needsForce()) {
      lines.add("  ndctl asks for   --force: the namespace does not begin at a multiple of 16M");
    }
    unmeasured().ifPresent(why -> lines.add("  not measured     " + why));
    return lines;
  }

  /** What Linux spends on them, for compound pages whose tails share theirs less (CG-3). */
  private long structureBytes(NamespaceLayout layout) {
    return KernelMemmap.bytes(
        layout.mapped().sizeBytes(),
        KernelMemmap.sharesTails(machine) ? layout.vmemmapShift() : 0,
        layout.altmap().isPresent(),
        plan.pageBytes());
  }

  private String structures(NamespaceLayout layout) {
    long bytes = structureBytes(layout);
    String where =
        layout
            .altmap()
            .flatMap(NamespaceLayout.Altmap::used)
            .map(used -> Math.min(bytes, used.alloc() * plan.pageBytes()))
            .map(inside -> where(inside, bytes - inside))
            .orElse(layout.altmap().isPresent() ? "in the altmap" : "in RAM");
    return "%s for %d pages, %s"
        .formatted(PlanView.exact(bytes), layout.mapped().sizeBytes() / plan.pageBytes(), where);
  }

  private static String where(long inside, long outside) {
    if (outside == 0) {
      return "in the altmap";
    }
    return inside == 0
        ? "in RAM: no section is whole, so the altmap stays unused"
        : "%s in the altmap, for whole sections, and %s in RAM"
            .formatted(PlanView.exact(inside), PlanView.exact(outside));
  }

  /** An address and a size; of a region without a start, how far from its start. */
  private String at(PhysRange range) {
    return "%s+%s"
        .formatted(
            range.start() == 0 ? "0" : "0x" + Long.toHexString(range.start()),
            PlanView.exact(range.sizeBytes()));
  }

  private String text(NamespaceLayout.Altmap altmap) {
    String room =
        "%sreserve %d, free %d"
            .formatted(
                hasStart() ? "base 0x%x, ".formatted(altmap.basePfn()) : "",
                altmap.reserve(),
                altmap.free());
    return altmap
        .used()
        .map(
            used ->
                "%s; %d used, %d skipped to align them".formatted(room, used.alloc(), used.align()))
        .orElse(room);
  }

  private List<String> refused() {
    Refusal why = refusal().orElseThrow();
    List<String> lines = new ArrayList<>();
    lines.add("refused, %s: %s, %s".formatted(why.errno(), why.rule().id(), why.sentence()));
    lines.add("  rule: " + why.rule().sentence());
    if (!nearest().isEmpty()) {
      lines.add("what would fit: " + String.join("; or ", nearest()));
    }
    return lines;
  }

  private List<String> nearest() {
    NamespaceRequest asked = plan.request();
    return plan.nearest().stream()
        .map(near -> NamespaceOptions.difference(asked, near, hasStart()))
        .collect(Collectors.toList());
  }

  // ---- JSON ----------------------------------------------------------------------------------

  /**
   * As JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  String toJson(Consumer<ObjectNode> remarks) {
    ObjectNode node = JsonDocument.of("plan");
    NamespaceRequest asked = plan.request();
    place.fill(node);
    ObjectNode namespace = node.putObject("namespace");
    namespace.put("mode", NamespaceOptions.name(asked.mode()));
    namespace.put("map", NamespaceOptions.name(asked.map()));
    namespace.put("labels", asked.labels());
    NumberJson.put(node, "regionAlign", plan.regionAlignBytes());
    NumberJson.put(node, "compatAlign", plan.compatAlignBytes());
    NumberJson.put(node, "pageSize", plan.pageBytes());
    node.put("granted", isGranted());
    refusal().ifPresent(why -> VerdictJson.refused(node, why));
    if (isGranted()) {
      plan.layout().ifPresent(layout -> fill(node.putObject("layout"), layout));
      node.put("needsForce", plan.needsForce());
      node.put("measured", unmeasured().isEmpty());
    }
    ArrayNode near = node.putArray("nearest");
    plan.nearest().forEach(other -> fill(near.addObject(), other));
    FactsJson.assumptions(node, assumptions());
    remarks.accept(node);
    return JsonDocument.text(node);
  }

  /** A range; of a region without a start its size alone. */
  private void fill(ObjectNode node, PhysRange region) {
    if (hasStart()) {
      RangeJson.fill(node, region);
    } else {
      NumberJson.put(node, "size", region.sizeBytes());
    }
  }

  /**
   * A request that would be granted: what it would have to be given, and nothing that it has not.
   */
  private void fill(ObjectNode node, NamespaceRequest other) {
    fill(node.putObject("range"), other.region());
    node.put("labels", other.labels());
    putGiven(node, "namespaceSize", other.sizeBytes());
    putGiven(node, "align", other.alignBytes());
    putGiven(node, "regionAlign", other.regionAlignBytes());
  }

  private static void putGiven(ObjectNode node, String name, long bytes) {
    if (bytes != 0) {
      NumberJson.put(node, name, bytes);
    }
  }

  private void fill(ObjectNode node, NamespaceLayout layout) {
    part(node.putObject("namespace"), layout.namespace());
    part(node.putObject("infoBlock"), layout.infoBlock());
    part(node.putObject("data"), layout.data());
    part(node.putObject("mapped"), layout.mapped());
    NumberJson.put(node, "dataOffset", layout.dataOffset());
    NumberJson.put(node, "dataPages", layout.pages());
    NumberJson.put(node, "startPad", layout.startPad());
    NumberJson.put(node, "endTrunc", layout.endTrunc());
    NumberJson.put(node, "align", layout.alignBytes());
    node.put("type", plan.pagemap().build().type().orElseThrow().name());
    node.put("vmemmapShift", layout.vmemmapShift());
    NumberJson.put(node, "kernelMemmapBytes", structureBytes(layout));
    layout
        .altmap()
        .ifPresent(
            altmap -> {
              ObjectNode one = node.putObject("altmap");
              if (hasStart()) {
                NumberJson.putAddress(one, "basePfn", altmap.basePfn());
              }
              NumberJson.put(one, "reserve", altmap.reserve());
              NumberJson.put(one, "free", altmap.free());
              altmap.used().ifPresent(used -> NumberJson.put(one, "align", used.align()));
              altmap.used().ifPresent(used -> NumberJson.put(one, "alloc", used.alloc()));
            });
  }

  /** A part of the region, with how far it is from the region's start. */
  private void part(ObjectNode node, PhysRange part) {
    NumberJson.put(node, "offset", part.start() - plan.request().region().start());
    fill(node, part);
  }
}
