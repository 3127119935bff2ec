// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class MemmapCostTest {
  @Test
  @Tag("guest")
  @DisplayName("a kernel says what 256 MiB of pages cost it: 64 bytes a page")
  void measured() throws Exception {
    boolean required = System.getenv("MEMREMAP_GUEST_REQUIRED") != null;
    Assumptions.assumeTrue(
        required || KernelExecutor.whatIsMissing().isEmpty(), "no kernel can be booted here");
    MemmapCost cost = MemmapCost.of(GuestKernel.find());
    System.out.println(cost);
    assertThat(cost.memmapBytes()).isEqualTo(64L << 16);
    assertThat(cost.makeNanos()).isPositive();
    assertThat(cost.undoNanos()).isPositive();
  }

  @Test
  @DisplayName("the least of five answers counts")
  void least() {
    String output =
        "some kernel words\n"
            + "ok make=30 undo=5 page=64\n".repeat(4)
            + "ok make=20 undo=7 page=64\n";
    assertThat(MemmapCost.parse("6.1.0", output))
        .isEqualTo(new MemmapCost("6.1.0", 20, 5, 64L << 16));
  }

  @Test
  @DisplayName("a module that did not answer is told of with what it said")
  void noAnswer() {
    assertThatIllegalStateException()
        .isThrownBy(() -> MemmapCost.parse("6.1.0", "error 12\n"))
        .withMessageContaining("error 12");
  }
}
