// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.machine.Architecture;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.Plan;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a kernel would log of a call, for people and for programs.
 *
 * @param machine whose kernel
 * @param plan the call's
 */
record KernelLogView(MachineDescription machine, Plan plan) {
  List<String> lines() {
    if (!isKnown()) {
      return List.of(
          "what a kernel of %s would log is not known".formatted(machine.architecture().id()));
    }
    List<KernelLine> log = plan.kernelLog();
    List<String> lines = new ArrayList<>();
    lines.add(kernel() + (log.isEmpty() ? " would log nothing" : " would log:"));
    log.forEach(line -> lines.add("  " + line));
    return lines;
  }

  /** C-19: only this architecture has rules, and they note what is logged. */
  private boolean isKnown() {
    return machine.architecture() == Architecture.X86_64;
  }

  /** The one whose rules are followed. */
  private String kernel() {
    return machine.facts().stream()
        .filter(known -> known.fact() == Fact.KERNEL_RULES || known.fact() == Fact.KERNEL)
        .reduce((kernel, rules) -> rules)
        .map(known -> "Linux " + known.value())
        .orElse("the kernel");
  }

  void fill(ObjectNode node) {
    if (!isKnown()) {
      return;
    }
    ArrayNode log = node.putArray("kernelLog");
    for (KernelLine line : plan.kernelLog()) {
      ObjectNode one = log.addObject();
      if (!line.text().isEmpty()) {
        one.put("text", line.text());
      }
      one.put("onceABoot", line.onceABoot());
      if (!line.stackDumpOf().isEmpty()) {
        one.put("stackDumpOf", line.stackDumpOf());
      }
    }
  }
}
