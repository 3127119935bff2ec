// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.conformance.generator.ScenarioGenerator;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.Scenario;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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

  /** A fault that a kernel without such pages cannot tell from none. */
  private static final String OF_PRIVATE_PAGES = "PRIVATE pages fresh at 1";

  private static @Nullable Examination byKernel;
  private static @Nullable Examination byLibrary;

  @TempDir private static Path scenarios;

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
            OF_PRIVATE_PAGES,
            "page/MemoryType.java",
            "PRIVATE(0, CacheMode.WB)",
            "PRIVATE(1, CacheMode.WB)"),
        new PlantedFault(
            "align given back",
            "page/VmemAltmap.java",
            "used = new Used(used.align, used.alloc - pages);",
            "used = new Used(0, used.alloc - pages);"));
  }

  /** Scenarios with the right answers. */
  private record Examination(Kernel judge, List<Scenario> scenarios, List<Answers> right) {
    static Examination by(Judge judge, int count) throws InterruptedException {
      ScenarioGenerator generator =
          new ScenarioGenerator(
              JudgeMachine.QEMU_2G.terrain(PlantedFaultsTest.scenarios, judge.kernel()),
              judge.dialect(),
              SEED);
      List<Scenario> scenarios = Stream.generate(generator::next).limit(count).toList();
      List<Answers> right = new ArrayList<>();
      for (Scenario scenario : scenarios) {
        right.add(judge.answer(scenario));
      }
      return new Examination(judge.kernel(), scenarios, right);
    }

    /** The number of the first scenario that differs; 0 if none does. */
    int finds(PlantedFault.Library library) throws Exception {
      for (int i = 0; i < scenarios.size(); i++) {
        Scenario scenario = scenarios.get(i);
        Comparison comparison = Comparison.of(scenario, library.run(scenario), judge, right.get(i));
        if (!comparison.holds()) {
          return i + 1;
        }
      }
      return 0;
    }
  }

  /** A kernel judges where one can be booted. */
  @BeforeAll
  static void answerThemRight() throws Exception {
    try (Judge library = new LibraryJudge()) {
      byLibrary = Examination.by(library, MOST_SCENARIOS);
    }
    if (KernelExecutor.whatIsMissing().isEmpty()) {
      try (Judge kernel = KernelExecutor.of(GuestKernel.find())) {
        byKernel = Examination.by(kernel, MOST_SCENARIOS);
      }
    }
  }

  private static Examination examination(PlantedFault fault) {
    Examination best =
        byKernel == null || fault.name().equals(OF_PRIVATE_PAGES) ? byLibrary : byKernel;
    return Objects.requireNonNull(best);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  @DisplayName("the generator finds a planted fault within 500 scenarios")
  void found(PlantedFault fault) throws Exception {
    Examination examination = examination(fault);
    try (PlantedFault.Library library = fault.plant(folder)) {
      int found = examination.finds(library);
      System.out.printf(
          "%s: found by scenario %d, judged by %s%n",
          fault.name(), found, examination.equals(byKernel) ? "the kernel" : "this library");
      assertThat(found).as(fault.name()).isPositive();
    }
  }

  @Test
  @DisplayName("who planted nothing is accused of nothing")
  void nothingPlanted() throws Exception {
    String line = "return reserve + free;";
    PlantedFault nothing = new PlantedFault("nothing", "page/VmemAltmap.java", line, line);
    try (PlantedFault.Library library = nothing.plant(folder)) {
      assertThat(examination(nothing).finds(library)).isZero();
    }
  }
}
