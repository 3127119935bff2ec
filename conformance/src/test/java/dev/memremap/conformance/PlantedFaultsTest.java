// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.conformance.generator.ScenarioGenerator;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.pages.Pagemaps;
import dev.memremap.page.VmemAltmap;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.ResourceSnapshot;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whether the generator is an examiner that finds mistakes: each is planted in the library, and the
 * generated scenarios are answered by it and by the library as it is.
 */
@Tag("thorough")
class PlantedFaultsTest {
  private static final int MOST_SCENARIOS = 500;
  private static final long SEED = Long.getLong("dev.memremap.seed", 20261123);

  /** A fault that a kernel without such pages cannot tell from none. */
  private static final String OF_PRIVATE_PAGES = "PRIVATE pages fresh at 1";

  private static final String REMAP_RULES = "dev.memremap.internal.remap.RemapRules";
  private static final String PAGEMAP_RULES = "dev.memremap.internal.pages.PagemapRules";

  /** Where the first check of conflicts makes its array of pages. */
  private static final String FIRST_CHECK = "iconst_2; newarray long";

  private static @Nullable Examination byKernel;
  private static @Nullable Examination byLibrary;

  @TempDir private static Path scenarios;

  @TempDir private Path folder;

  static Stream<PlantedFault> faults() {
    return Stream.of(
        new PlantedFault(
            "WT tried before WB",
            REMAP_RULES,
            "byNewMapping",
            "invokevirtual MemremapFlag.in",
            // WB.in(request.flags) && !WT.in(request.flags)
            """
            found
            getstatic MemremapFlag.WT; aload_1; invokevirtual Request.flags; invokevirtual MemremapFlag.in
            iconst_1; ixor; iand
            """),
        new PlantedFault(
            "an inclusive end off by one",
            ResourceSnapshot.class.getName(),
            "intersect",
            "ladd; lconst_1; lsub",
            "ladd"),
        new PlantedFault(
            "a missing hint put twice",
            Pagemaps.class.getName(),
            "getDevPagemap",
            "invokevirtual DevPagemap.put",
            "found; aload_3; invokevirtual DevPagemap.put"),
        new PlantedFault(
            "tryget_live as tryget on a dead reference",
            PercpuRef.class.getName(),
            "tryGetLive",
            "ldc 3l", // DEAD | EXITED
            "ldc 2l"), // EXITED
        new PlantedFault(
            "MIXED taken as INTERSECTS",
            ResourceSnapshot.class.getName(),
            "intersect",
            "getstatic Intersection.MIXED",
            "getstatic Intersection.INTERSECTS"),
        new PlantedFault(
            "the memtype of an alias forgotten at the first unmap",
            MemtypeTable.class.getName(),
            "free(JJ)V",
            "invokevirtual MemtypeEntries.remove",
            // after one entry is removed, every other with this range
            """
            found
            NEXT:
            aload_0; getfield entries; aload 5; invokevirtual MemtypeEntries.remove
            ifne NEXT
            """),
        new PlantedFault(
            "ranges not rounded outward to pages",
            "dev.memremap.internal.geometry.PageGeometry",
            "wholePages",
            "lor",
            // endInclusive = start | (pageBytes() - 1), the last byte of the first page
            """
            pop2; pop2
            lload_2; aload_0; invokevirtual pageBytes; lconst_1; lsub; lor
            """),
        new PlantedFault(
            "alignment checked before overlap",
            PAGEMAP_RULES,
            "checkConflicts",
            FIRST_CHECK,
            // if ((firstPfn(range) | range.sizeBytes() >>> 12) % 512 != 0) return failed(…)
            """
            aload_0; aload_1; invokevirtual firstPfn
            aload_1; invokevirtual PagemapRange.sizeBytes; bipush 12; lushr
            lor; ldc 512l; lrem; lconst_0; lcmp; ifeq ALIGNED
            getstatic Errno.EINVAL; getstatic Rule.C_4; iload_2; aload_1; ldc aligned first
            invokestatic failed; areturn
            ALIGNED:
            found
            """),
        new PlantedFault(
            "RAM checked before overlap",
            PAGEMAP_RULES,
            "checkConflicts",
            FIRST_CHECK,
            // if (resources.systemRamIntersects(…, carried) != DISJOINT) return failed(…)
            """
            aload_0; getfield resources
            aload_1; invokevirtual PagemapRange.start
            aload_1; invokevirtual PagemapRange.sizeBytes
            aload 4; invokevirtual ResourceSnapshot.systemRamIntersects
            getstatic Intersection.DISJOINT; if_acmpeq DISJOINT
            getstatic Errno.ENXIO; getstatic Rule.C_3; iload_2; aload_1; ldc RAM first
            invokestatic failed; areturn
            DISJOINT:
            found
            """),
        new PlantedFault(
            "altmap counting its used pages instead of FREE",
            VmemAltmap.class.getName(),
            "offset",
            "getfield free",
            "getfield used; getfield Used.alloc"),
        new PlantedFault(
            OF_PRIVATE_PAGES,
            "dev.memremap.internal.pages.PageCounts",
            "handedOut",
            "dup; iconst_0", // of PRIVATE and COHERENT: the fresh count
            "dup; iconst_1"),
        new PlantedFault(
            "align given back",
            VmemAltmap.class.getName(),
            "free(J)V",
            "aload_0; getfield used; getfield Used.align",
            "lconst_0"));
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
    System.out.printf("planted faults: -Ddev.memremap.seed=%d%n", SEED);
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
      assertThat(found).as("%s, -Ddev.memremap.seed=%d", fault, SEED).isPositive();
    }
  }

  @Test
  @DisplayName("without a planted fault nothing is found")
  void nothingPlanted() throws Exception {
    PlantedFault nothing =
        new PlantedFault("nothing", VmemAltmap.class.getName(), "offset", "ladd", "ladd");
    try (PlantedFault.Library library = nothing.plant(folder)) {
      assertThat(examination(nothing).finds(library)).as("-Ddev.memremap.seed=%d", SEED).isZero();
    }
  }
}
