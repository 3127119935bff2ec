// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.source;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.drawing.model.Area;
import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.MachineMap;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.Scene;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Fact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/** Scenes of machines. */
public final class MachineScene {
  private MachineScene() {}

  /** Returns a described machine: its resources, where its addresses end, and what is assumed. */
  public static Scene of(String title, MachineDescription machine) {
    return of(title, machine, each -> true);
  }

  /**
   * Returns a part of a described machine.
   *
   * @param shown which resources are drawn
   */
  public static Scene of(String title, MachineDescription machine, Predicate<Resource> shown) {
    List<Area> areas = Area.of(machine.root(), shown, each -> false);
    return new Scene(
            title,
            List.of(),
            List.of(new MachineMap("", areas, MachineMap.AddressEnd.of(machine))),
            Scene.assumptions(machine.facts()))
        .withOverlays(facts(machine));
  }

  /**
   * Returns what is known of a machine's addresses beside its resources: which are uncachable,
   * which the kernel has mapped itself, and what it lists in a tree apart. What is assumed is
   * marked so.
   */
  public static List<Overlay> facts(MachineDescription machine) {
    boolean assumed =
        machine.facts().stream().anyMatch(known -> known.fact() == Fact.MTRRS && known.isAssumed());
    List<Overlay> overlays = new ArrayList<>();
    for (PhysRange range : machine.uncachable()) {
      if (Long.compareUnsigned(range.start(), machine.lastAddress()) <= 0) {
        String id = "uncachable-%x".formatted(range.start());
        overlays.add(new Overlay(id, Kind.UNCACHABLE, range, List.of("MTRR: UC"), assumed));
      }
    }
    for (MachineDescription.Memtype each : machine.memtypes()) {
      String id = "memtype-%x".formatted(each.range().start());
      List<String> lines = List.of("memtype: " + each.mode());
      overlays.add(new Overlay(id, Kind.KERNEL_MAPPING, each.range(), lines, false));
    }
    for (PhysRange range : machine.softReserved()) {
      String id = "soft-reserved-%x".formatted(range.start());
      List<String> lines = List.of("Soft Reserved, in a tree apart");
      overlays.add(new Overlay(id, Kind.SOFT_RESERVED, range, lines, false));
    }
    return overlays;
  }

  /** Returns a machine as it is now: its resources, mappings and page maps. */
  public static Scene of(String title, Machine machine) {
    Objects.requireNonNull(machine, "machine");
    List<Area> areas = Area.of(machine.resources().root());
    MachineMap.AddressEnd end = MachineMap.AddressEnd.of(machine.description());
    List<Overlay> overlays = new ArrayList<>(mappings(machine));
    for (DevPagemap map : machine.pagemaps()) {
      overlays.addAll(PagemapOverlay.of(map, machine));
    }
    return new Scene(title, List.of(), List.of(new MachineMap("", areas, end)), List.of())
        .withOverlays(overlays);
  }

  private static List<Overlay> mappings(Machine machine) {
    List<Mapping> mappings = new ArrayList<>(machine.liveMappings());
    mappings.sort(Comparator.comparing(Mapping::range).thenComparing(Mapping::cacheMode));
    List<Overlay> overlays = new ArrayList<>();
    for (Mapping mapping : mappings) {
      List<String> lines = new ArrayList<>();
      lines.add("memremap " + MemremapFlag.format(mapping.plan().flags()));
      lines.add(
          "granted %s%s%s"
              .formatted(
                  mapping.cacheMode(),
                  mapping.isDirectMap() ? ", the direct map" : "",
                  mapping.isEncrypted() ? ", encrypted" : ""));
      boolean assumed = !mapping.plan().assumptions().isEmpty();
      String id = "mapping-%x".formatted(mapping.range().start());
      overlays.add(new Overlay(id, Kind.MAPPING, mapping.range(), lines, assumed));
    }
    return overlays;
  }
}
