// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.space.ResourceTree;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whether what 7.3 answered finds mistakes in the rules that came after 6.1: each is planted in the
 * library, and the recorded scenarios are answered by it.
 */
class PlantedRulesTest {
  private static final Kernel NEWEST = new Kernel("7.3");
  private static final String PAGES = "dev.memremap.internal.pages.";

  /** The answer to whether the kernel has a change, turned round. */
  private static final String OTHERWISE = "found; iconst_1; ixor";

  /** Vectors K09-3 and K09-5: RAM inside a window, which no guest has. */
  private static final String WINDOW =
      """
      00000000-00000fff : Reserved
      00001000-3fffffff : System RAM
      200000000-2ffffffff : CXL Window 0
        200000000-23fffffff : System RAM
      """;

  private static final Map<Scenario, Answers> RIGHT = new LinkedHashMap<>();

  @TempDir private static Path vectors;

  @TempDir private Path folder;

  static Stream<PlantedFault> faults() {
    return Stream.of(
        new PlantedFault(
            "FS_DAX pages fresh at 1 (row 1)",
            PAGES + "PageCounts",
            "of",
            "getstatic KernelChange.FS_DAX_BEGINS_AT_0; invokevirtual KernelRules.has",
            OTHERWISE),
        new PlantedFault(
            "GENERIC pages freed by page_free (row 3)",
            PAGES + "PageCounts",
            "of",
            "getstatic KernelChange.GENERIC_IS_NOT_FREED; invokevirtual KernelRules.has",
            OTHERWISE),
        new PlantedFault(
            "a hand-out keeps the order of the last one (row 5)",
            PAGES + "PageWord",
            "withOrder",
            // word & ~(TAIL | ORDER_MASK)
            "land",
            "pop2"),
        new PlantedFault(
            "one reference for a hand-out of any order (row 5)",
            PAGES + "HandOuts",
            "references",
            "lconst_1; iload_1; lshl",
            "lconst_1"),
        new PlantedFault(
            "windows hide what lies in them (row 9)",
            ResourceTree.class.getName(),
            "<init>",
            "getstatic KernelChange.LOOKS_INSIDE_WINDOWS; invokevirtual KernelRules.has",
            OTHERWISE),
        new PlantedFault(
            "free ranges looked for in steps of their size (row 24)",
            "dev.memremap.internal.space.FreeRegions",
            "of",
            "getstatic KernelChange.STEPS_BY_ALIGNMENT; invokevirtual KernelRules.has",
            OTHERWISE));
  }

  @BeforeAll
  static void read() throws IOException {
    for (Path file : RecordedScenarios.of("linux-7.3")) {
      RIGHT.put(Scenario.read(file), Answers.read(NEWEST.answersOf(file)));
    }
    Files.writeString(vectors.resolve("window.iomem"), WINDOW);
    Path file = vectors.resolve("window.scenario");
    RIGHT.put(
        Scenario.parse(
            file,
            """
            machine window.iomem kernel=7.3
            region 0x200000000 0x1000
            region 0x23ffff000 0x2000
            """),
        Answers.parse(file, "1: ok\n2: INTERSECTS\n3: MIXED\n"));
  }

  /** The name of the first scenario that differs; empty if none does. */
  private static String finds(PlantedFault.Library library) {
    for (Map.Entry<Scenario, Answers> right : RIGHT.entrySet()) {
      Scenario scenario = right.getKey();
      if (!Comparison.of(scenario, library.run(scenario), NEWEST, right.getValue()).holds()) {
        return scenario.path().getFileName().toString();
      }
    }
    return "";
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  @DisplayName("a fault in a newer rule is found by what 7.3 answered, or by a vector")
  void found(PlantedFault fault) throws Exception {
    try (PlantedFault.Library library = fault.plant(folder)) {
      String found = finds(library);
      System.out.printf("%s: found by %s%n", fault.name(), found);
      assertThat(found).as("%s", fault).isNotEmpty();
    }
  }

  @Test
  @DisplayName("without a planted fault nothing is found")
  void nothingPlanted() throws Exception {
    PlantedFault nothing =
        new PlantedFault("nothing", PAGES + "PageWord", "withOrder", "land", "land");
    try (PlantedFault.Library library = nothing.plant(folder)) {
      assertThat(finds(library)).isEmpty();
    }
  }
}
