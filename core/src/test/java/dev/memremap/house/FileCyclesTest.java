// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The condition "between files only {Machine, MachineBuilder, Device, Devices, HostMachine,
 * Mapping}, {Page, DevPagemap, PagemapOps}, a sealed type with its permitted ones, a type with its
 * subclass", read from the compiled classes. What is nested belongs to the file around it.
 */
class FileCyclesTest {
  private static final String ROOT = "dev.memremap.";
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.memremap");

  /** Files that may name each other. */
  private static final Set<Set<String>> ALLOWED =
      Set.of(
          Set.of("Machine", "MachineBuilder", "Device", "Devices", "HostMachine", "Mapping"),
          // what stands behind Page and DevPagemap, across the one cycle of packages: a life names
          // the map that lives it, and the access to both is given by the one and used on the other
          Set.of(
              "page.Page",
              "page.DevPagemap",
              "page.PagemapOps",
              "page.PagePrivileges",
              "internal.pages.PagemapLife",
              "internal.pages.PagemapAccess"),
          // a description is read from text and from the host, and written as text, by functions of
          // its own type, and tells what is known of it; the readers are its package's secret, and
          // they make descriptions and parts of them
          Set.of(
              "machine.MachineDescription",
              "machine.FactList",
              "machine.MtrrText",
              "machine.MachineHeader",
              "machine.MachineKey",
              "machine.MachineParts",
              "machine.HostTables"));

  private static String file(JavaClass type) {
    return type.getName().substring(ROOT.length()).replaceFirst("\\$.*", "");
  }

  /**
   * Which file names which. What a type says of its own subtypes is left out: a sealed type names
   * its permitted ones, and a type may make its subclass.
   */
  private static Map<String, Set<String>> edges(JavaClasses types) {
    Map<String, Set<String>> edges = new TreeMap<>();
    for (JavaClass type : types) {
      for (Dependency each : type.getDirectDependenciesFromSelf()) {
        JavaClass target = each.getTargetClass().getBaseComponentType();
        if (target.getName().startsWith(ROOT)
            && !file(target).equals(file(type))
            && !target.isAssignableTo(type.getName())) {
          edges.computeIfAbsent(file(type), none -> new TreeSet<>()).add(file(target));
        }
      }
    }
    return edges;
  }

  private static Set<String> reachable(String from, Map<String, Set<String>> edges) {
    Set<String> found = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(Set.of(from));
    while (!open.isEmpty()) {
      for (String next : edges.getOrDefault(open.remove(), Set.of())) {
        if (found.add(next)) {
          open.add(next);
        }
      }
    }
    return found;
  }

  /** The files of each cycle; cycles that share a file are one. */
  private static Set<Set<String>> cycles(JavaClasses types) {
    Map<String, Set<String>> edges = edges(types);
    Map<String, Set<String>> reachable = new TreeMap<>();
    edges.keySet().forEach(file -> reachable.put(file, reachable(file, edges)));
    Set<Set<String>> cycles = new HashSet<>();
    reachable.forEach(
        (file, others) -> {
          if (others.contains(file)) {
            Set<String> cycle = new TreeSet<>();
            for (String other : others) {
              if (reachable.getOrDefault(other, Set.of()).contains(file)) {
                cycle.add(other);
              }
            }
            cycles.add(cycle);
          }
        });
    return cycles;
  }

  private static Set<Set<String>> forbidden(JavaClasses types) {
    return cycles(types).stream()
        .filter(cycle -> ALLOWED.stream().noneMatch(allowed -> allowed.containsAll(cycle)))
        .collect(Collectors.toSet());
  }

  @Test
  @DisplayName("no cycles between files but those of files that belong together")
  void none() {
    assertThat(forbidden(CORE)).isEmpty();
  }

  @Test
  @DisplayName("nothing is allowed that is not needed")
  void allNeeded() {
    Set<Set<String>> cycles = cycles(CORE);
    assertThat(ALLOWED).allMatch(allowed -> cycles.stream().anyMatch(allowed::containsAll));
  }

  @Test
  @DisplayName("two files that name each other are noticed; a type and its subclass may")
  void aPlantedCycleIsNoticed() {
    JavaClasses planted =
        new ClassFileImporter()
            .importClasses(PlantedOne.class, PlantedOther.class, PlantedSubclass.class);
    assertThat(forbidden(planted))
        .containsExactly(Set.of("house.PlantedOne", "house.PlantedOther"));
  }
}

/** Names the other, and its own subclass. */
class PlantedOne {
  PlantedOne next() {
    return new PlantedOther().equals(this) ? this : new PlantedSubclass();
  }
}

/** Names the one. */
final class PlantedOther {
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PlantedOne;
  }

  @Override
  public int hashCode() {
    return 0;
  }
}

/** Names what it extends. */
final class PlantedSubclass extends PlantedOne {}
