// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What was said of parts that overlap, beside an answer for each page. */
class AdviceTest {
  @Test
  @DisplayName("What was said last of a page counts")
  void last() {
    for (long seed = 1; seed <= 50; seed++) {
      Random random = new Random(seed);
      Advice advice = new Advice();
      boolean[] model = new boolean[100];
      Arrays.fill(model, true);
      for (int step = 0; step < 60; step++) {
        int first = random.nextInt(100);
        int count = 1 + random.nextInt(100 - first);
        boolean ahead = random.nextInt(3) == 0;
        advice.set(first, count, ahead);
        Arrays.fill(model, first, first + count, ahead);
        for (int page = 0; page < 100; page++) {
          assertThat(advice.ahead(page))
              .as("seed %d, step %d, page %d", seed, step, page)
              .isEqualTo(model[page]);
        }
      }
    }
  }

  @Test
  @DisplayName("The last page there can be has advice, too")
  void end() {
    Advice advice = new Advice();
    advice.set(0, Integer.MAX_VALUE, false);
    assertThat(advice.ahead(Integer.MAX_VALUE - 1)).isFalse();
    advice.set(Integer.MAX_VALUE - 1, 1, true);
    assertThat(advice.ahead(Integer.MAX_VALUE - 1)).isTrue();
    assertThat(advice.ahead(Integer.MAX_VALUE - 2)).isFalse();
  }
}
