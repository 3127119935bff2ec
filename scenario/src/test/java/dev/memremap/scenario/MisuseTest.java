// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Rule;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An operation that threw IllegalStateException was misused, or the library made a mistake. */
class MisuseTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"put of a dead reference [D-5]", "two ends [PR-4 and D-5]", "[LC-12: twice]"})
  @DisplayName("D-5 a sentence that cites a rule is a misuse, which is answered by 'refused'")
  void misuse(String sentence) {
    Answer answer = RefOperations.misuse(new IllegalStateException(sentence));
    assertThat(answer.text()).isEqualTo(Answer.REFUSED);
    assertThat(answer.departure()).contains(Rule.D_5);
    assertThat(answer.explanation()).containsExactly(sentence);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {"", "stream has already been operated upon or closed", "D-5", "index [4-5]"})
  @DisplayName("D-5 a sentence that cites no rule is a mistake of the library, with its cause")
  void mistake(String sentence) {
    IllegalStateException cause = new IllegalStateException(sentence);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> RefOperations.misuse(cause))
        .withMessage("a step failed, and no rule refused it")
        .withCause(cause);
    assertThatExceptionOfType(AssertionError.class)
        .as("while a scenario is cleaned up after")
        .isThrownBy(
            () ->
                RefOperations.undo(
                    () -> {
                      throw cause;
                    }))
        .withCause(cause);
  }

  @Test
  @DisplayName("D-5 what a reference says of a misuse cites a rule")
  void ofReference() {
    PercpuRef ref = PercpuRef.init();
    ref.kill();
    assertThatIllegalStateException()
        .isThrownBy(ref::kill)
        .satisfies(
            refused -> assertThat(RefOperations.misuse(refused).text()).isEqualTo("refused"));
  }
}
