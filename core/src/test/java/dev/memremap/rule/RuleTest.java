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
  @DisplayName("every rule has a number and says one sentence")
  void numberAndSentence(Rule rule) {
    assertThat(Rule.valueOf(rule.id().replace('-', '_'))).isEqualTo(rule);
    assertThat(rule.id()).matches("[A-Z]+-[0-9]+");
    assertThat(rule.sentence()).isNotBlank().doesNotEndWith(".").doesNotContain("\n");
  }

  @Test
  @DisplayName("D-6 a refusal says its errno, its rule and every attempt")
  void messageOfARefusal() {
    Attempt wc =
        new Attempt.Refused(
            "WC", new Refusal(Errno.EBUSY, Rule.MT_8, "0x1000-0x1fff is mapped WB"));
    MemremapException refusal =
        new MemremapException(
            new Refusal(Errno.EBUSY, Rule.MR_6, "no mapping type could be had"),
            List.of(wc),
            List.of(),
            null);
    assertThat(refusal)
        .hasMessageContaining("no mapping type could be had [MR-6: " + Rule.MR_6.sentence())
        .hasMessageContaining("EBUSY]")
        .hasMessageContaining("\n  WC refused: 0x1000-0x1fff is mapped WB [MT-8, EBUSY]");
    assertThat(refusal.attempts()).containsExactly(wc);
    assertThat(refusal.errno().number()).isEqualTo(16);
  }
}
