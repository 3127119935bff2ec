// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.cli.json.VerdictJson;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.spi.HardwareDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A computer's devices with memory, for people and for programs.
 *
 * @param devices what there is, and how each region of it can be mapped
 */
record DevicesView(Map<HardwareDevice, List<Ways>> devices) {
  private static final List<MemremapFlag> TYPES =
      List.of(MemremapFlag.WB, MemremapFlag.WT, MemremapFlag.WC);

  /**
   * How a region can be mapped.
   *
   * @param region the region
   * @param modes of each mapping type that succeeds, the cache mode it gives
   * @param ioremap whether it can be mapped as registers
   * @param refusal why none of them succeeds; null if one does, or if no file leads there
   * @param obstacle what is in the way of all of them: what {@code memremap read} says there, with
   *     {@code --ioremap} for registers; empty if one succeeds
   */
  record Ways(
      HardwareDevice.Region region,
      Map<MemremapFlag, String> modes,
      boolean ioremap,
      @Nullable Refusal refusal,
      String obstacle) {

    /** The machine's answer; /dev/mem alone does not count, since it is not a device's own file. */
    static Ways of(Machine machine, HardwareDevice.Region region) {
      if (region.routes().isEmpty() && !region.obstacle().isEmpty()) {
        return new Ways(region, Map.of(), false, null, region.obstacle());
      }
      PhysRange range = region.range();
      Map<MemremapFlag, String> modes = new LinkedHashMap<>();
      for (MemremapFlag type : TYPES) {
        RemapPlan.Grant grant = machine.explain(range, type).grant();
        if (grant != null) {
          modes.put(type, grant.mode().symbol());
        }
      }
      IoremapPlan registers = machine.explainIoremap(range);
      if (!modes.isEmpty() || registers.isGranted()) {
        return new Ways(region, modes, registers.isGranted(), null, "");
      }
      MemremapException refused = refusal(machine, region, registers);
      return new Ways(region, modes, false, refused.refusal(), firstLine(refused));
    }

    private static MemremapException refusal(
        Machine machine, HardwareDevice.Region region, IoremapPlan registers) {
      Plan asked =
          region.sideEffects()
              ? registers
              : machine.explain(region.range(), TYPES.toArray(MemremapFlag[]::new));
      return asked.exception();
    }

    /** The first line of what {@code read} prints: the rest is each type that was tried. */
    private static String firstLine(MemremapException refused) {
      String message = String.valueOf(refused.getMessage());
      return message.lines().findFirst().orElse(message);
    }

    /** {@code WB (as UC-), WC, ioremap}. */
    String written() {
      List<String> ways = new ArrayList<>();
      modes.forEach(
          (type, mode) ->
              ways.add(type.name().equals(mode) ? mode : "%s (as %s)".formatted(type, mode)));
      if (ioremap) {
        ways.add("ioremap");
      }
      return ways.isEmpty() ? "no: " + obstacle : String.join(", ", ways);
    }
  }

  static DevicesView of(Machine machine) {
    Map<HardwareDevice, List<Ways>> devices = new LinkedHashMap<>();
    for (HardwareDevice device : machine.hardware()) {
      devices.put(
          device, device.regions().stream().map(region -> Ways.of(machine, region)).toList());
    }
    return new DevicesView(devices);
  }

  /** A device, then a line for each region and for each file that leads to it. */
  List<String> lines() {
    if (devices.isEmpty()) {
      return List.of(
          "no device with memory can be seen; /sys tells PCI BARs to anyone, and where DAX memory"
              + " lies to root");
    }
    List<String> lines = new ArrayList<>();
    devices.forEach(
        (device, regions) -> {
          lines.add("%s  %s".formatted(device.name(), device.description()));
          for (Ways ways : regions) {
            lines.add(
                "  %d  %-32s %7s  %s"
                    .formatted(
                        ways.region.index(),
                        ways.region.range(),
                        Words.size(ways.region.range().sizeBytes()),
                        ways.written()));
            ways.region.routes().forEach(route -> lines.add("       " + route));
          }
        });
    return lines;
  }

  String toJson() {
    ObjectNode document = JsonDocument.of("devices");
    ArrayNode all = document.putArray("devices");
    devices.forEach(
        (device, regions) -> {
          ObjectNode node = all.addObject();
          node.put("name", device.name());
          node.put("kind", device.kind().name().toLowerCase(Locale.ROOT));
          node.put("description", device.description());
          node.put("driver", device.driver());
          ArrayNode list = node.putArray("regions");
          regions.forEach(ways -> fill(list.addObject(), ways));
        });
    return JsonDocument.text(document);
  }

  private static void fill(ObjectNode node, Ways ways) {
    HardwareDevice.Region region = ways.region;
    node.put("index", region.index());
    RangeJson.fill(node, region.range());
    node.put("registers", region.sideEffects());
    ObjectNode modes = node.putObject("modes");
    ways.modes.forEach((type, mode) -> modes.put(type.name(), mode));
    node.put("ioremap", ways.ioremap);
    ArrayNode routes = node.putArray("routes");
    region.routes().forEach(routes::add);
    node.put("granted", ways.obstacle.isEmpty());
    if (ways.refusal != null) {
      VerdictJson.refused(node, ways.refusal);
    } else if (!ways.obstacle.isEmpty()) {
      node.put("obstacle", ways.obstacle);
    }
  }
}
