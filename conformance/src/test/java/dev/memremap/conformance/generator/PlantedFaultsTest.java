// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whether the generator is an examiner that finds mistakes: each is planted in the library, and the
 * generated scenarios are answered by it and by the library as it is.
 */
class PlantedFaultsTest {
  private static final int MOST_SCENARIOS = 500;
  private static final long SEED = 20261123;

  private static final List<Scenario> SCENARIOS = new ArrayList<>();
  private static final List<Answers> RIGHT = new ArrayList<>();

  @TempDir private Path folder;

  static Stream<PlantedFault> faults() {
    return Stream.of(
        new PlantedFault(
            "WT tried before WB",
            "RemapRules.java",
            "if (WB.in(request.flags)) {",
            "if (WB.in(request.flags) && !WT.in(request.flags)) {"),
        new PlantedFault(
            "an inclusive end off by one",
            "resource/ResourceSnapshot.java",
            "long end = start + size - 1;\n    int ofType = 0;",
            "long end = start + size;\n    int ofType = 0;"),
        new PlantedFault(
            "a missing hint put twice",
            "page/Pagemaps.java",
            "      hint.put();\n",
            "      hint.put();\n      hint.put();\n"),
        new PlantedFault(
            "tryget_live as tryget on a dead reference",
            "ref/PercpuRef.java",
            "return tryGetSlowly(1, DEAD | EXITED);",
            "return tryGetSlowly(1, EXITED);"),
        new PlantedFault(
            "MIXED taken as INTERSECTS",
            "resource/ResourceSnapshot.java",
            "return other == 0 ? Intersection.INTERSECTS : Intersection.MIXED;",
            "return Intersection.INTERSECTS;"),
        new PlantedFault(
            "the memtype of an alias forgotten at the first unmap",
            "cache/MemtypeTable.java",
            "          if (!entries.remove(range) && !shorten(range)) {",
            "          boolean any = false;\n          while (entries.remove(range)) {\n            any = true;\n          }\n          if (!any && !shorten(range)) {"),
        new PlantedFault(
            "ranges not rounded outward to pages",
            "RemapRules.java",
            "return new PhysRange(range.start() & -PAGE, range.endInclusive() | (PAGE - 1));",
            "return new PhysRange(range.start() & -PAGE, range.start() | (PAGE - 1));"),
        new PlantedFault(
            "alignment checked before overlap",
            "page/PagemapRules.java",
            "Failed conflict = checkConflicts(range, i, judge, carried);",
            "Failed conflict = (range.firstPfn() | range.sizeBytes() >>> 12) % 512 == 0 ? checkConflicts(range, i, judge, carried) : failed(Errno.EINVAL, Rule.C_4, i, range, \"aligned first\");"),
        new PlantedFault(
            "RAM checked before overlap",
            "page/PagemapRules.java",
            "    for (long pfn : new long[] {range.firstPfn(), range.lastPfn()}) {",
            "    if (resources.regionIntersects(range.start(), range.sizeBytes(), ResourceFlags.SYSTEM_RAM, ResourceDesc.NONE) != Intersection.DISJOINT) {\n      return failed(Errno.ENXIO, Rule.C_3, i, range, \"RAM first\");\n    }\n    for (long pfn : new long[] {range.firstPfn(), range.lastPfn()}) {"),
        new PlantedFault(
            "altmap counting its used pages instead of FREE",
            "page/VmemAltmap.java",
            "return reserve + free;",
            "return reserve + used.alloc;"),
        new PlantedFault(
            "PRIVATE pages fresh at 1",
            "page/MemoryType.java",
            "PRIVATE(0, CacheMode.WB)",
            "PRIVATE(1, CacheMode.WB)"),
        new PlantedFault(
            "align given back",
            "page/VmemAltmap.java",
            "used = new Used(used.align, used.alloc - pages);",
            "used = new Used(0, used.alloc - pages);"));
  }

  @BeforeAll
  static void answerThemRight() {
    ScenarioGenerator generator =
        new ScenarioGenerator(
            Terrain.of(
                Path.of("../examples/machines"),
                "qemu-2g.iomem",
                "phys-bits=40",
                List.of(PhysRange.parse("0x60000000+2M"), PhysRange.parse("0x40000000+64M"))),
            SEED);
    for (int i = 0; i < MOST_SCENARIOS; i++) {
      Scenario scenario = generator.next();
      SCENARIOS.add(scenario);
      RIGHT.add(texts(scenario, rightly(scenario)));
    }
  }

  private static List<Answer> rightly(Scenario scenario) {
    try (MachineExecutor executor = MachineExecutor.open(scenario)) {
      return scenario.operations().stream().map(executor::execute).toList();
    }
  }

  private static Answers texts(Scenario scenario, List<Answer> answers) {
    List<Operation> operations = scenario.operations();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < operations.size(); i++) {
      text.append("%d: %s%n".formatted(operations.get(i).line(), answers.get(i).text()));
    }
    return Answers.parse(scenario.path(), text.toString());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  @DisplayName("the generator finds a planted fault within 500 scenarios")
  void found(PlantedFault fault) throws Exception {
    assertThat(foundAt(fault, MOST_SCENARIOS)).as(fault.name()).isPositive();
  }

  /** The number of the first scenario that differs; 0 if none does. */
  private int foundAt(PlantedFault fault, int scenarios) throws Exception {
    try (PlantedFault.Library library = fault.plant(folder)) {
      for (int i = 0; i < scenarios; i++) {
        Scenario scenario = SCENARIOS.get(i);
        Comparison comparison =
            Comparison.of(scenario, library.run(scenario), Kernel.FOLLOWED, RIGHT.get(i));
        if (!comparison.holds()) {
          System.out.printf("%s: found by scenario %d%n", fault.name(), i + 1);
          return i + 1;
        }
      }
      return 0;
    }
  }

  @Test
  @DisplayName("who planted nothing is accused of nothing")
  void nothingPlanted() throws Exception {
    String line = "return reserve + free;";
    assertThat(foundAt(new PlantedFault("nothing", "page/VmemAltmap.java", line, line), 100))
        .isZero();
  }

  @Test
  @DisplayName("the library as it is agrees with itself")
  void noFault() {
    for (int i = 0; i < 50; i++) {
      Scenario scenario = SCENARIOS.get(i);
      assertThat(Comparison.of(scenario, rightly(scenario), Kernel.FOLLOWED, RIGHT.get(i)).holds())
          .isTrue();
    }
  }
}
