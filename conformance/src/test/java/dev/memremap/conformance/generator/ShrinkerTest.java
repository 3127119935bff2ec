// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import dev.memremap.scenario.Scenario;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** From a scenario that fails to the lines that make it fail. */
class ShrinkerTest {
  private static final Path FILE = Path.of("../examples/machines/a.scenario");

  private static List<String> lines(Scenario scenario) {
    return scenario.operations().stream().map(scenario::textOf).toList();
  }

  private static Predicate<Scenario> has(String... needed) {
    return scenario ->
        List.of(needed).stream()
            .allMatch(word -> lines(scenario).stream().anyMatch(line -> line.startsWith(word)));
  }

  @Test
  @DisplayName("what the failure does not need goes, with all that works on it")
  void oneCulprit() {
    Scenario scenario =
        Scenario.parse(
            FILE,
            """
            machine qemu-2g.iomem
            memremap a 0x40000000 4K WB
            ref r
            store a 0 8 1
            ref-get r
            load a 0 8
            memunmap a
            ref-kill r
            ref-state r
            """);
    assertThat(lines(Shrinker.shrink(scenario, has("ref-kill"))))
        .containsExactly("machine qemu-2g.iomem", "ref r", "ref-kill r");
    assertThat(lines(Shrinker.shrink(scenario, has("load", "ref-state"))))
        .containsExactly(
            "machine qemu-2g.iomem",
            "memremap a 0x40000000 4K WB",
            "ref r",
            "load a 0 8",
            "ref-state r");
  }

  @Test
  @DisplayName("what cannot be made shorter stays as it is")
  void nothingToSpare() {
    Scenario scenario = Scenario.parse(FILE, "machine qemu-2g.iomem\nregion 0 1\n");
    assertThat(lines(Shrinker.shrink(scenario, has("region")))).isEqualTo(lines(scenario));
  }

  @Test
  @DisplayName("generated scenarios shrink to a verb and what it needs, in few questions")
  void generated() {
    Terrain terrain =
        Terrain.of(
            Path.of("../examples/machines"),
            "qemu-2g.iomem",
            "phys-bits=40",
            List.of(PhysRange.parse("0x40000000+64M")));
    ScenarioGenerator generator = new ScenarioGenerator(terrain, Dialect.WHOLE, 3);
    int shrunk = 0;
    for (int i = 0; i < 60; i++) {
      Scenario scenario = generator.next();
      Predicate<Scenario> fails = has("unmap-pages");
      if (fails.test(scenario)) {
        AtomicInteger questions = new AtomicInteger();
        Scenario shortest =
            Shrinker.shrink(
                scenario,
                one -> {
                  questions.incrementAndGet();
                  return fails.test(one);
                });
        assertThat(lines(shortest)).as(lines(scenario).toString()).hasSizeBetween(3, 4);
        assertThat(questions.get()).isLessThan(100);
        shrunk++;
      }
    }
    assertThat(shrunk).isPositive();
  }
}
