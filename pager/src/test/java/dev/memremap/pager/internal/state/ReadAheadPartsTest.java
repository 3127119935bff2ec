// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What was said of parts that overlap, beside an answer for each page. */
class ReadAheadPartsTest {
  @Test
  @DisplayName("What was said last of a page counts")
  void last() {
    for (long seed = 1; seed <= 50; seed++) {
      Random random = new Random(seed);
      ReadAheadParts parts = new ReadAheadParts();
      boolean[] model = new boolean[100];
      Arrays.fill(model, true);
      for (int step = 0; step < 60; step++) {
        int first = random.nextInt(100);
        int count = 1 + random.nextInt(100 - first);
        boolean ahead = random.nextInt(3) == 0;
        parts.set(first, count, ahead);
        Arrays.fill(model, first, first + count, ahead);
        for (int page = 0; page < 100; page++) {
          assertThat(parts.ahead(page))
              .as("seed %d, step %d, page %d", seed, step, page)
              .isEqualTo(model[page]);
        }
        ReadAheadParts next = new ReadAheadParts();
        parts.withoutReadAhead().forEach(part -> next.set(part.first(), part.count(), false));
        for (int page = 0; page < 100; page++) {
          assertThat(next.ahead(page))
              .as("the next worker: seed %d, step %d, page %d", seed, step, page)
              .isEqualTo(model[page]);
        }
      }
    }
  }

  @Test
  @DisplayName("The last page there can be has advice, too")
  void end() {
    ReadAheadParts parts = new ReadAheadParts();
    parts.set(0, Integer.MAX_VALUE, false);
    assertThat(parts.ahead(Integer.MAX_VALUE - 1)).isFalse();
    parts.set(Integer.MAX_VALUE - 1, 1, true);
    assertThat(parts.ahead(Integer.MAX_VALUE - 1)).isTrue();
    assertThat(parts.ahead(Integer.MAX_VALUE - 2)).isFalse();
  }

  @Test
  @DisplayName("What is said of each page one after another is one part")
  void neighbours() {
    ReadAheadParts parts = new ReadAheadParts();
    for (int page = 0; page < 1_000; page += 2) {
      parts.set(page, 1, false);
    }
    for (int page = 999; page > 0; page -= 2) {
      parts.set(page, 1, false);
    }
    assertThat(parts.withoutReadAhead()).containsExactly(new ReadAheadParts.Part(0, 1_000));
    parts.set(0, 1_000, true);
    assertThat(parts.withoutReadAhead()).isEmpty();
  }
}
