// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.plan.RemapPlan;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Fact;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code memremap explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Say what memremap(OFFSET, SIZE, FLAGS) would do and why, without doing it.",
      "Exit status 0 if it would be granted, 1 if refused."
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MachineOption machine;
  @Mixin private HostPermissions permissions;

  @Parameters(
      index = "0",
      converter = Words.Amount.class,
      description = "The first byte's physical address, such as 0x40000000.")
  private long offset;

  @Parameters(index = "1", converter = Words.Amount.class, description = "The size, such as 4K.")
  private long size;

  @Parameters(
      index = "2",
      converter = Words.Flags.class,
      description = "WB, WT, WC, ENC and DEC, joined by | or comma; or a number.")
  private long flags;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ExplainCommand() {
    this.machine = new MachineOption();
    this.permissions = new HostPermissions();
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Machine asked = machine.withBytes(permissions, false)) {
      RemapPlan plan = asked.explain(offset, size, flags);
      List<String> nearest =
          plan.nearestGrants().stream().map(RemapPlan.Nearest::toString).toList();
      Optional<String> logged = plan.logged(asked.resources(), asked.pageSize());
      if (json) {
        out.println(toJson(plan, nearest, logged));
      } else {
        // an architecture that was not meant makes all that follows another answer
        List<String> first =
            plan.assumptions().stream()
                .filter(assumed -> assumed.fact() == Fact.ARCH)
                .map(Fact.Known::toString)
                .toList();
        first.forEach(out::println);
        plan.lines().stream().filter(line -> !first.contains(line.strip())).forEach(out::println);
        logged.ifPresent(why -> out.println("  " + why));
        if (!nearest.isEmpty()) {
          out.println("nearest range that works: " + String.join("; or ", nearest));
        }
      }
      return plan.isGranted() ? ExitStatus.OK : ExitStatus.REFUSED;
    }
  }

  private String toJson(RemapPlan plan, List<String> nearest, Optional<String> logged) {
    JsonMapper mapper = JsonMapper.shared();
    ObjectNode node = mapper.createObjectNode();
    node.put("offset", "0x" + Long.toHexString(plan.offset()));
    node.put("size", "0x" + Long.toHexString(plan.size()));
    node.put("flags", dev.memremap.plan.MemremapFlag.format(plan.flags()));
    node.put("region", plan.region().name());
    node.put("granted", plan.isGranted());
    RemapPlan.Grant grant = plan.grant();
    if (grant != null) {
      node.put("mode", grant.mode().symbol());
      node.put("direct", grant.direct());
      node.put("encrypted", grant.encrypted());
    }
    plan.refusal().ifPresent(why -> node.put("errno", why.errno().name()));
    node.put("rule", plan.rule().id());
    node.put("ruleText", plan.rule().sentence());
    node.put("sentence", plan.sentence());
    plan.departure().ifPresent(rule -> node.put("departs", rule.id()));
    ArrayNode attempts = node.putArray("attempts");
    for (Attempt attempt : plan.attempts()) {
      ObjectNode one = attempts.addObject();
      one.put("mode", attempt.mode());
      one.put("outcome", attempt.outcome().toUpperCase(Locale.ROOT).replace(' ', '_'));
      one.put("rule", attempt.rule().id());
      attempt.refusal().ifPresent(why -> one.put("errno", why.errno().name()));
      one.put("reason", attempt.reason());
    }
    if (!plan.assumptions().isEmpty()) {
      FactsJson.fill(node.putArray("assumptions"), plan.assumptions());
    }
    logged.ifPresent(why -> node.put("logged", why));
    ArrayNode near = node.putArray("nearest");
    nearest.forEach(near::add);
    machine.addRemarks(node);
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(node);
  }
}
