// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SeedsTest {
  private static final String NAMED = "-Ddev.memremap.seed=";

  private final List<Long> drawn = new ArrayList<>();

  private void failsAtThird(RandomGenerator random) {
    drawn.add(random.nextLong());
    if (drawn.size() == 3) {
      throw new IllegalStateException("the third");
    }
  }

  @Test
  @DisplayName("a failure names the option whose seed draws the same numbers again")
  void failureNamesSeed() {
    long seed = seedNamedBy(() -> Seeds.check(5, this::failsAtThird));
    assertThat(new SplittableRandom(seed).nextLong()).isEqualTo(drawn.get(2));
    assertThat(drawn).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("a fresh seed is named by a failure, too")
  void freshSeed() {
    drawn.addAll(List.of(0L, 0L));
    long seed = seedNamedBy(() -> Seeds.checkFresh(this::failsAtThird));
    assertThat(new SplittableRandom(seed).nextLong()).isEqualTo(drawn.get(2));
  }

  private static long seedNamedBy(ThrowingCallable fails) {
    String[] message = new String[1];
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(fails)
        .withMessageStartingWith(NAMED)
        .satisfies(e -> message[0] = e.getMessage());
    return Long.parseLong(message[0].substring(NAMED.length(), message[0].indexOf(": the third")));
  }
}
