// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.RemapPlan;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The mappings of a scenario by name, and the operations on them. */
final class MappingOperations {
  private final Machine machine;
  private final Map<String, Mapping> live = new HashMap<>();

  MappingOperations(Machine machine) {
    this.machine = machine;
  }

  Answer region(Arguments.Extent region) {
    Rule rule = region.sizeBytes() == 0 ? Rule.RI_5 : Rule.RI_3;
    return Answer.of(
        machine.regionIntersects(region.start(), region.sizeBytes()).name(),
        rule.id() + ", " + rule.sentence());
  }

  Answer memremap(Arguments.Memremap asked) {
    if (live.containsKey(asked.name())) {
      return Answer.refused(asked.name() + " is a live mapping; memunmap it first");
    }
    RemapPlan plan;
    try {
      plan = machine.explain(asked.offset(), asked.sizeBytes(), asked.flags());
    } catch (MemremapException e) {
      // Nothing can be planned for an architecture without rules (C-19).
      return Answer.unsupported(e.sentence());
    }
    if (!plan.isGranted()) {
      return planned("null", plan);
    }
    // If this fails, the system has no room for the mapping; that is not an answer of the contract.
    Mapping mapping = machine.memremap(asked.offset(), asked.sizeBytes(), asked.flags());
    live.put(asked.name(), mapping);
    String direct = mapping.isDirectMap() ? "yes" : "no";
    return planned("ok mode=%s direct=%s".formatted(mapping.cacheMode(), direct), mapping.plan());
  }

  private Answer planned(String text, RemapPlan plan) {
    List<String> lines = new ArrayList<>(plan.lines());
    plan.logged(machine.resources(), machine.pageSize()).ifPresent(why -> lines.add("  " + why));
    return new Answer(text, plan.departure(), false, lines);
  }

  Answer memunmap(Arguments.Name memunmap) {
    Mapping mapping = live.remove(memunmap.name());
    if (mapping == null) {
      return Answer.notLive(memunmap.name());
    }
    String what = mapping.toString();
    boolean direct = mapping.isDirectMap();
    mapping.close();
    return direct
        ? Answer.of(Answer.OK, Rule.MU_1.id() + ", " + Rule.MU_1.sentence())
        : Answer.of(Answer.OK, what + " is unmapped");
  }

  Answer load(Arguments.Load load) {
    return access(
        load.name(),
        mapping -> {
          long value = mapping.load(load.offset(), load.widthBits());
          return Answer.of("0x" + Long.toHexString(value));
        });
  }

  Answer store(Arguments.Store store) {
    return access(
        store.name(),
        mapping -> {
          mapping.store(store.offset(), store.widthBits(), store.value());
          return Answer.of(Answer.OK);
        });
  }

  private Answer access(String name, Function<Mapping, Answer> access) {
    Mapping mapping = live.get(name);
    if (mapping == null) {
      return Answer.notLive(name);
    }
    try {
      return access.apply(mapping);
    } catch (IndexOutOfBoundsException e) {
      return Answer.refused(
          "not all of it lies in the mapping, which has 0x%x bytes"
              .formatted(mapping.range().sizeBytes()));
    }
  }

  /** Unmaps what the scenario left mapped. A scenario may end anywhere, so these are not leaks. */
  void closeAll() {
    List<Mapping> left = List.copyOf(live.values());
    live.clear();
    left.forEach(mapping -> RefOperations.undo(mapping::close));
  }
}
