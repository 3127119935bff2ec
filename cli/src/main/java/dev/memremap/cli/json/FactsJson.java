// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.json;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is known of a machine, and what is assumed of it, as JSON. */
public final class FactsJson {
  private FactsJson() {}

  /** Adds what an answer rests on and is assumed, each with what would settle it. */
  public static void assumptions(ObjectNode node, Collection<Fact.Known> assumed) {
    ArrayNode all = node.putArray("assumptions");
    for (Fact.Known known : assumed) {
      ObjectNode one = all.addObject();
      one.put("fact", known.fact().id());
      origin(one, known);
    }
  }

  /** Adds facts, each with its value and how it is known. */
  public static void facts(ObjectNode node, List<Fact.Known> facts, MachineDescription machine) {
    ArrayNode all = node.putArray("facts");
    for (Fact.Known known : facts) {
      ObjectNode one = all.addObject();
      one.put("fact", known.fact().id());
      value(one, known, machine);
      origin(one, known);
    }
  }

  private static void origin(ObjectNode one, Fact.Known known) {
    one.put("source", known.source().id());
    if (!known.because().isEmpty()) {
      one.put("reason", known.because());
    }
    if (known.isAssumed()) {
      one.put("settledBy", known.tells());
    }
  }

  /** The value as data, not in the words that people read. */
  private static void value(ObjectNode one, Fact.Known known, MachineDescription machine) {
    switch (known.fact()) {
      case PHYS_BITS -> one.put("value", machine.physBits());
      case PHYS_END -> NumberJson.putAddress(one, "value", machine.lastAddress());
      case PHYSMEM_END -> NumberJson.putAddress(one, "value", machine.physmemEnd());
      case PAGE_SIZE -> one.put("value", machine.pageSize());
      case MTRRS -> mtrrs(one, machine);
      case MEMORY_TYPES -> memoryTypes(one.putArray("value"), machine.memtypes());
      case SOFT_RESERVED -> ranges(one.putArray("value"), machine.softReserved());
      case BARS -> bars(one.putArray("value"), machine.bars());
      case DRIVERS -> drivers(one.putArray("value"), machine.bars());
      case ARCH, KERNEL, KERNEL_RULES, MTRR_DEFAULT, ENCRYPTION -> one.put("value", known.value());
    }
  }

  private static void mtrrs(ObjectNode one, MachineDescription machine) {
    MachineDescription.Mtrrs mtrrs = machine.mtrrs();
    if (mtrrs != null && mtrrs.off()) {
      one.put("value", "off");
      return;
    }
    ranges(one.putArray("value"), machine.uncachable());
  }

  private static void ranges(ArrayNode array, List<PhysRange> ranges) {
    for (PhysRange range : ranges) {
      RangeJson.fill(array.addObject(), range);
    }
  }

  private static void memoryTypes(ArrayNode array, List<MachineDescription.Memtype> types) {
    for (MachineDescription.Memtype type : types) {
      ObjectNode one = array.addObject();
      RangeJson.fill(one, type.range());
      one.put("mode", type.mode().symbol());
    }
  }

  private static void bars(ArrayNode array, List<MachineDescription.Bar> bars) {
    for (MachineDescription.Bar bar : bars) {
      ObjectNode one = array.addObject();
      one.put("device", bar.device());
      one.put("index", bar.index());
      RangeJson.fill(one, bar.range());
      one.put("registers", !bar.prefetchable());
      one.put("driver", bar.driver());
    }
  }

  private static void drivers(ArrayNode array, List<MachineDescription.Bar> bars) {
    bars.stream()
        .map(MachineDescription.Bar::driver)
        .filter(Objects::nonNull)
        .distinct()
        .forEach(array::add);
  }
}
