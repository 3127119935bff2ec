// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RuleTest {
  @ParameterizedTest
  @EnumSource
  @DisplayName("every rule is found by its number and says one sentence")
  void numberAndSentence(Rule rule) {
    assertThat(Rule.of(rule.id())).contains(rule);
    assertThat(rule.id()).matches("[A-Z]+-[0-9]+");
    assertThat(rule.sentence()).isNotBlank().doesNotEndWith(".").doesNotContain("\n");
  }

  @Test
  @DisplayName("D-6 a refusal says its errno, its rule and every attempt")
  void messageOfARefusal() {
    Attempt wc =
        new Attempt(
            "WC", Attempt.Outcome.REFUSED, Rule.MT_8, Errno.EBUSY, "0x1000-0x1fff is mapped WB");
    MemremapException refusal =
        new MemremapException(Errno.EBUSY, Rule.MR_6, "no mapping type could be had", List.of(wc));
    assertThat(refusal)
        .hasMessageContaining("no mapping type could be had [MR-6: " + Rule.MR_6.sentence())
        .hasMessageContaining("EBUSY]")
        .hasMessageContaining("\n  WC refused: 0x1000-0x1fff is mapped WB [MT-8, EBUSY]");
    assertThat(refusal.attempts()).containsExactly(wc);
    assertThat(refusal.errno().number()).isEqualTo(16);
  }
}
