// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.Summary;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.parallel.Isolated;

/** By hand: it fetches kernels of other Debian releases, 200 MB at first. */
@Tag("guest")
@EnabledIfEnvironmentVariable(named = "MEMREMAP_OTHER_KERNELS", matches = ".+")
@Isolated // its guest is asked for minutes
class OtherKernelsTest {
  private final Summary withOurs = new Summary();
  private final RecordedScenarios recorded = new RecordedScenarios();

  @Test
  @DisplayName("D-20 kernel 5.10 answers maps with a caller's reference as recorded from it")
  void linux510() throws Exception {
    answersAs("5.10", new Kernel("5.10"), "linux-5.10");
    assertThat(recorded.differences()).isEmpty();
    assertThat(withOurs.scenarios()).isEqualTo(78);
    assertThat(recorded.lines()).isGreaterThan(2000);
    assertThat(withOurs.differences()).isZero();
  }

  @Test
  @DisplayName("C-12 kernel 7.3 answers what was recorded from it, hand-outs with orders and all")
  void linux73() throws Exception {
    Kernel newest = new Kernel("7.3");
    answersAs("7.3", newest, "linux-7.3");
    assertThat(recorded.differences()).isEmpty();
    assertThat(withOurs.scenarios()).isEqualTo(320);
    assertThat(recorded.lines()).isGreaterThan(10_000);
    assertThat(withOurs.differences()).isZero();
  }

  @Test
  @DisplayName("kernel 6.12 answers every recorded scenario as 6.1 did, and as we do")
  void linux612() throws Exception {
    answersAs("6.12", Kernel.FOLLOWED, "taught", "generated");
    assertThat(recorded.differences()).isEmpty();
    assertThat(withOurs.scenarios()).isEqualTo(293);
    assertThat(recorded.lines()).isGreaterThan(4900);
    assertThat(withOurs.differences()).isZero();
  }

  private void answersAs(String series, Kernel recordedBy, String... parts) throws Exception {
    GuestKernel kernel = Guests.fetched(series);
    long begun = System.nanoTime();
    try (KernelExecutor executor = KernelExecutor.of(kernel)) {
      assertThat(executor.kernel()).isEqualTo(new Kernel(series));
      for (Path file : RecordedScenarios.of(parts)) {
        Scenario scenario = Scenario.read(file);
        Answers answers = executor.answer(scenario);
        recorded.compare(scenario, answers, recordedBy);
        withOurs.add(
            Comparison.of(
                scenario,
                RecordedScenarios.ours(scenario, executor.kernel()),
                executor.kernel(),
                answers));
      }
    }
    System.out.printf(
        "on kernel %s: %d scenarios, %d lines as recorded by %s, %.0f s; beside ours: %s%n",
        kernel.release(),
        withOurs.scenarios(),
        recorded.lines(),
        recordedBy.version(),
        (System.nanoTime() - begun) / 1e9,
        withOurs);
  }
}
