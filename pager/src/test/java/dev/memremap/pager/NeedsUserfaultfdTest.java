// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.sys.FakeCalls;
import dev.memremap.pager.internal.sys.Syscalls;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests are skipped where userfaultfd is refused, unless that may not be. */
class NeedsUserfaultfdTest {
  private static Syscalls refusing(int errno) {
    return new FakeCalls(
            (name, arguments) ->
                name.equals("syscall") || name.equals("open") ? (Number) (-errno) : null)
        .door();
  }

  @ParameterizedTest
  @CsvSource({"1, a container's seccomp profile forbids it", "38, was built without userfaultfd"})
  @DisplayName("EPERM and ENOSYS skip a test, and the reason says what to do")
  void skipped(int errno, String sentence) {
    ConditionEvaluationResult found =
        NeedsUserfaultfd.Condition.evaluate(() -> refusing(errno), false);
    assertThat(found.isDisabled()).isTrue();
    assertThat(found.getReason()).hasValueSatisfying(why -> assertThat(why).contains(sentence));
    assertThat(NeedsUserfaultfd.Condition.evaluate(() -> refusing(errno), true).isDisabled())
        .as("it runs, and fails, where it may not be skipped")
        .isFalse();
  }

  @Test
  @DisplayName("So does a system that is not Linux")
  void elsewhere() {
    ConditionEvaluationResult found =
        NeedsUserfaultfd.Condition.evaluate(
            () -> {
              throw new UnsupportedOperationException("not Linux");
            },
            false);
    assertThat(found.isDisabled()).isTrue();
    assertThat(found.getReason()).hasValue("not Linux");
  }

  @Test
  @NeedsUserfaultfd
  @DisplayName("Where it can be had, a test runs")
  void had() {
    assertThat(
            NeedsUserfaultfd.Condition.evaluate(
                    dev.memremap.pager.internal.sys.Native::calls, false)
                .isDisabled())
        .isFalse();
  }
}
