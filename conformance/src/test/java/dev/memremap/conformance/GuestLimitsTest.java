// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestLimitsTest {
  private static final List<Function<GuestLimits, Duration>> ALL =
      List.of(
          GuestLimits::boot,
          GuestLimits::answer,
          GuestLimits::command,
          GuestLimits::step,
          GuestLimits::orphan);

  @Test
  @DisplayName("The patience multiplies every limit")
  void multiplied() {
    assertThat(ALL)
        .allSatisfy(
            limit ->
                assertThat(limit.apply(GuestLimits.parse("X", "2.5")).toMillis())
                    .isEqualTo(limit.apply(new GuestLimits(1)).toMillis() * 5 / 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "1001", "NaN", "Infinity", "ten"})
  @DisplayName("A patience that makes no sense is refused in one sentence, which names the setting")
  void refused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GuestLimits.parse(GuestLimits.VARIABLE, value))
        .withMessage(
            "MEMREMAP_GUEST_PATIENCE is a number above 0 and at most 1000, not '" + value + "'");
  }
}
