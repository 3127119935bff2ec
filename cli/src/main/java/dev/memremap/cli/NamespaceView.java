// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The plan of a namespace, as lines for people and as JSON.
 *
 * @param plan what ndctl would leave
 * @param pages what the machine says of the namespace's page map; null if it was not asked
 * @param inRam that its memory is System RAM; null if it is not
 * @param machine whose memory it is, or with nothing in it whose kind
 * @param hasStart whether the region was given with its start, not by its size alone
 */
record NamespaceView(
    NamespacePlan plan,
    @Nullable PagemapPlan pages,
    @Nullable Refusal inRam,
    MachineDescription machine,
    boolean hasStart) {
  private static final int MEASURED_PAGE = 4096;

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
    List<String> lines = new ArrayList<>(isGranted() ? granted() : refused());
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
            (hasStart ? "" : "a region of ")
                + NamespaceOptions.region(plan.request().region(), hasStart));
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
        layout.vmemmapShift(),
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
                hasStart ? "base 0x%x, ".formatted(altmap.basePfn()) : "",
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
        .map(near -> NamespaceOptions.difference(asked, near, hasStart))
        .collect(Collectors.toList());
  }

  // ---- JSON ----------------------------------------------------------------------------------

  /**
   * As JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  String toJson(Consumer<ObjectNode> remarks) {
    JsonMapper mapper = JsonMapper.shared();
    ObjectNode node = mapper.createObjectNode();
    NamespaceRequest asked = plan.request();
    node.put("namespace", NamespaceOptions.name(asked.mode()));
    node.put("map", NamespaceOptions.name(asked.map()));
    node.put("labels", asked.labels());
    if (hasStart) {
      put(node, "regionStart", asked.region().start());
    }
    node.put("regionBytes", asked.region().sizeBytes());
    node.put("regionAlignBytes", plan.regionAlignBytes());
    node.put("compatAlignBytes", plan.compatAlignBytes());
    node.put("pageBytes", plan.pageBytes());
    node.put("granted", isGranted());
    refusal()
        .ifPresent(
            why -> {
              node.put("errno", why.errno().name());
              node.put("rule", why.rule().id());
              node.put("ruleText", why.rule().sentence());
              node.put("sentence", why.sentence());
            });
    if (isGranted()) {
      plan.layout().ifPresent(layout -> fill(node, layout));
      node.put("needsForce", plan.needsForce());
      unmeasured().ifPresent(why -> node.put("unmeasured", why));
    }
    if (!assumptions().isEmpty()) {
      FactsJson.fill(node.putArray("assumptions"), assumptions());
    }
    ArrayNode near = node.putArray("nearest");
    nearest().forEach(near::add);
    remarks.accept(node);
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }

  private void fill(ObjectNode node, NamespaceLayout layout) {
    if (hasStart) {
      put(node, "infoBlock", layout.infoBlock().start());
      put(node, "dataStart", layout.data().start());
    }
    node.put("infoBlockOffset", layout.infoBlock().start() - layout.namespace().start());
    node.put("namespaceBytes", layout.namespace().sizeBytes());
    node.put("startPad", layout.startPad());
    node.put("endTrunc", layout.endTrunc());
    node.put("alignBytes", layout.alignBytes());
    node.put("dataOffset", layout.dataOffset());
    node.put("dataBytes", layout.data().sizeBytes());
    node.put("dataPages", layout.pages());
    node.put("mappedBytes", layout.mapped().sizeBytes());
    node.put("type", plan.pagemap().build().type().orElseThrow().name());
    node.put("vmemmapShift", layout.vmemmapShift());
    node.put("kernelMemmapBytes", structureBytes(layout));
    layout
        .altmap()
        .ifPresent(
            altmap -> {
              ObjectNode one = node.putObject("altmap");
              if (hasStart) {
                put(one, "basePfn", altmap.basePfn());
              }
              one.put("reserve", altmap.reserve());
              one.put("free", altmap.free());
              altmap.used().ifPresent(used -> one.put("alloc", used.alloc()));
              altmap.used().ifPresent(used -> one.put("align", used.align()));
            });
  }

  private static void put(ObjectNode node, String name, long address) {
    node.put(name, "0x" + Long.toHexString(address));
  }
}
