// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.json.FactsJson;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.cli.json.VerdictJson;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.source.MachineScene;
import dev.memremap.drawing.source.PlanOverlays;
import dev.memremap.machine.MemEncryption;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a remap or an ioremap would do, for people and for programs.
 *
 * @param spot the bytes asked about
 * @param asked the flags, or the mode of registers
 * @param plan what the machine answers
 * @param machine the machine
 */
record ExplainView(Where.Spot spot, Words.Asked asked, Plan plan, Machine machine) {

  /** What is assumed of the architecture first, for it makes all that follows another answer. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    List<String> architecture =
        plan.assumptions().stream()
            .filter(assumed -> assumed.fact() == Fact.ARCH)
            .map(Fact.Known::toString)
            .toList();
    lines.addAll(architecture);
    Listed.softReserved(machine, spot).ifPresent(lines::add);
    if (Listed.isHole(machine, spot)) {
      lines.add(Listed.nothingAt(spot));
    }
    List<String> said = plan.lines();
    lines.add(
        said.getFirst().replaceFirst("(?<=^granted|^refused):", " for %s:".formatted(judged())));
    said.stream().skip(1).filter(line -> !architecture.contains(line.strip())).forEach(lines::add);
    logged().ifPresent(why -> lines.add("  " + why));
    List<String> nearest = nearest();
    if (!nearest.isEmpty()) {
      lines.add("nearest range that works: " + String.join("; or ", nearest));
    }
    return lines;
  }

  /**
   * The parts of the answer by their names, all that a kernel may answer otherwise; without what is
   * assumed.
   */
  Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("answer", plan.lines().getFirst());
    if (plan instanceof RemapPlan remap) {
      remap.attempts().forEach(attempt -> parts.put(attempt.mode(), withoutMode(attempt)));
      if (remap.grant() != null && machine.description().encryption() != MemEncryption.NONE) {
        parts.put("encrypted", remap.grant().encrypted() ? "yes" : "no");
      }
      parts.put("region_intersects", remap.region().name());
    }
    Listed.softReserved(machine, spot).ifPresent(where -> parts.put("lies there", where));
    if (Listed.isHole(machine, spot)) {
      parts.put("lies there", Listed.nothingAt(spot));
    }
    plan.departure().ifPresent(rule -> parts.put("departs", rule.id() + ", " + rule.sentence()));
    logged().ifPresent(why -> parts.put("logged", why));
    List<String> nearest = nearest();
    if (!nearest.isEmpty()) {
      parts.put("nearest", String.join("; or ", nearest));
    }
    return parts;
  }

  private static String withoutMode(Attempt attempt) {
    return attempt.toString().substring(attempt.mode().length()).strip();
  }

  /** What the answer rests on and is not known, as lines. */
  List<String> assumptions() {
    return plan.assumptions().stream().map(assumed -> "  " + assumed).toList();
  }

  boolean isGranted() {
    return plan.isGranted();
  }

  String judged() {
    return Words.judged(spot.start(), spot.size());
  }

  private Optional<String> logged() {
    return plan instanceof RemapPlan remap
        ? remap.logged(machine.resources(), machine.pageSize())
        : Optional.empty();
  }

  private List<String> nearest() {
    return switch (plan) {
      case RemapPlan remap ->
          remap.nearestGrants().stream().map(RemapPlan.Nearest::toString).toList();
      case IoremapPlan registers ->
          registers.nearest().stream().map(range -> text(range, asked)).toList();
      case PagemapPlan pages -> List.of();
    };
  }

  private static String text(PhysRange range, Words.Asked asked) {
    return "0x%x %s (%s)".formatted(range.start(), Memparse.format(range.sizeBytes()), asked);
  }

  /**
   * As a picture: the machine, and beside it what was asked.
   *
   * @param name what it calls the machine
   */
  Scene scene(String name) {
    List<Overlay> overlays =
        new ArrayList<>(
            switch (plan) {
              case RemapPlan remap -> PlanOverlays.of(remap, machine.resources());
              case IoremapPlan registers -> PlanOverlays.of(registers, asked.toString());
              case PagemapPlan pages -> List.<Overlay>of();
            });
    overlays.addAll(MachineScene.facts(machine.description()));
    Scene live = MachineScene.of("%s of %s on %s".formatted(asked, judged(), name), machine);
    return new Scene(
        live.title(),
        List.of(lines().getFirst()),
        live.machines(),
        overlays,
        Scene.assumptions(plan.assumptions()),
        List.of());
  }

  /**
   * As JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  String toJson(Consumer<ObjectNode> remarks) {
    ObjectNode node = JsonDocument.of("explain");
    RangeJson.fill(node.putObject("range"), spot.start(), spot.size());
    node.put("hole", Listed.isHole(machine, spot));
    asked(node);
    fill(node);
    remarks.accept(node);
    return JsonDocument.text(node);
  }

  /** Adds what was asked for. */
  void asked(ObjectNode node) {
    node.put("call", asked.registers() == null ? "memremap" : "ioremap");
    node.put("asked", asked.toString());
  }

  /** Adds the answer, and what it rests on. */
  void fill(ObjectNode node) {
    node.put("granted", plan.isGranted());
    switch (plan) {
      case RemapPlan remap -> fill(node, remap);
      case IoremapPlan registers -> {
        registers.cacheMode().ifPresent(mode -> node.put("mode", mode.symbol()));
        why(node, registers.rule(), registers.sentence());
        ArrayNode near = node.putArray("nearest");
        for (PhysRange range : registers.nearest()) {
          RangeJson.fill(near.addObject(), range);
        }
      }
      case PagemapPlan pages -> throw new IllegalStateException("a page map was not asked for");
    }
    FactsJson.assumptions(node, plan.assumptions());
  }

  private void fill(ObjectNode node, RemapPlan remap) {
    RemapPlan.Grant grant = remap.grant();
    if (grant != null) {
      node.put("mode", grant.mode().symbol());
      node.put("direct", grant.direct());
      node.put("encrypted", grant.encrypted());
    }
    why(node, remap.rule(), remap.sentence());
    node.put("regionIntersects", remap.region().name());
    VerdictJson.attempts(node, remap.attempts());
    logged().ifPresent(why -> node.put("logged", why));
    ArrayNode near = node.putArray("nearest");
    for (RemapPlan.Nearest nearest : remap.nearestGrants()) {
      ObjectNode one = near.addObject();
      RangeJson.fill(one, nearest.range());
      ArrayNode types = one.putArray("asked");
      nearest.types().forEach(type -> types.add(type.name()));
      one.put("direct", nearest.direct());
    }
  }

  private void why(ObjectNode node, Rule rule, String sentence) {
    plan.refusal()
        .ifPresentOrElse(
            why -> VerdictJson.refused(node, why), () -> VerdictJson.because(node, rule, sentence));
    plan.departure().ifPresent(departure -> node.put("departs", departure.id()));
  }
}
