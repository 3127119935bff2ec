// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
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
    if (Listed.isHole(machine.resources(), spot)) {
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

  private String judged() {
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
   * As JSON.
   *
   * @param remarks adds what there is to say of the machine's files
   */
  String toJson(Consumer<ObjectNode> remarks) {
    ObjectNode node = request(spot, asked, machine);
    switch (plan) {
      case RemapPlan remap -> fill(node, remap);
      case IoremapPlan registers -> fill(node, registers);
      case PagemapPlan pages -> throw new IllegalStateException("a page map was not asked for");
    }
    if (!plan.assumptions().isEmpty()) {
      FactsJson.fill(node.putArray("assumptions"), plan.assumptions());
    }
    logged().ifPresent(why -> node.put("logged", why));
    ArrayNode near = node.putArray("nearest");
    nearest().forEach(near::add);
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
      Where.Spot spot,
      Words.Asked asked,
      MemremapException refused,
      Machine machine,
      Consumer<ObjectNode> remarks) {
    ObjectNode node = request(spot, asked, machine);
    RefusedJson.fill(node, refused);
    if (asked.registers() == null) {
      node.putArray("attempts");
    }
    remarks.accept(node);
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }

  private static ObjectNode request(Where.Spot spot, Words.Asked asked, Machine machine) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.put("offset", "0x" + Long.toHexString(spot.start()));
    node.put("size", "0x" + Long.toHexString(spot.size()));
    node.put("flags", asked.toString());
    node.put("hole", Listed.isHole(machine.resources(), spot));
    return node;
  }

  private void fill(ObjectNode node, RemapPlan remap) {
    node.put("region", remap.region().name());
    node.put("granted", remap.isGranted());
    RemapPlan.Grant grant = remap.grant();
    if (grant != null) {
      node.put("mode", grant.mode().symbol());
      node.put("direct", grant.direct());
      node.put("encrypted", grant.encrypted());
    }
    why(node, remap.rule(), remap.sentence());
    ArrayNode attempts = node.putArray("attempts");
    for (Attempt attempt : remap.attempts()) {
      ObjectNode one = attempts.addObject();
      one.put("mode", attempt.mode());
      one.put("outcome", attempt.outcome().toUpperCase(Locale.ROOT).replace(' ', '_'));
      one.put("rule", attempt.rule().id());
      attempt.refusal().ifPresent(why -> one.put("errno", why.errno().name()));
      one.put("reason", attempt.reason());
    }
  }

  private void fill(ObjectNode node, IoremapPlan registers) {
    node.put("granted", registers.isGranted());
    registers.cacheMode().ifPresent(mode -> node.put("mode", mode.symbol()));
    why(node, registers.rule(), registers.sentence());
  }

  private void why(ObjectNode node, Rule rule, String sentence) {
    plan.refusal().ifPresent(why -> node.put("errno", why.errno().name()));
    node.put("rule", rule.id());
    node.put("ruleText", rule.sentence());
    node.put("sentence", sentence);
    plan.departure().ifPresent(departure -> node.put("departs", departure.id()));
  }
}
