// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A queue of pages, beside the JDK's. */
class PageQueueTest {
  @Test
  @DisplayName("It gives pages in the order in which they came, however it grew and wrapped around")
  void beside() {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      PageQueue queue = new PageQueue();
      ArrayDeque<Integer> model = new ArrayDeque<>();
      for (int step = 0; step < 20_000; step++) {
        boolean grows = random.nextInt(100) < (step / 2_000 % 2 == 0 ? 60 : 40);
        if (grows || model.isEmpty()) {
          int page = random.nextInt();
          queue.add(page);
          model.add(page);
        } else {
          assertThat(queue.remove()).as("seed %d, step %d", seed, step).isEqualTo(model.remove());
        }
        assertThat(queue.size()).isEqualTo(model.size());
        if (step % 500 == 0) {
          assertThat(queue.toArray())
              .as("seed %d, step %d", seed, step)
              .containsExactly(model.stream().mapToInt(page -> page).toArray());
        }
      }
    }
  }

  @Test
  @DisplayName("Sifted, it keeps what stays in its order, asks the newest first, and goes on")
  void sifted() {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      PageQueue queue = new PageQueue();
      ArrayDeque<Integer> model = new ArrayDeque<>();
      for (int step = 0; step < 300; step++) {
        for (int i = random.nextInt(200); i > 0; i--) {
          int page = random.nextInt();
          queue.add(page);
          model.add(page);
        }
        for (int i = random.nextInt(100); i > 0 && !model.isEmpty(); i--) {
          assertThat(queue.remove()).isEqualTo(model.remove());
        }
        int share = random.nextInt(11);
        ArrayDeque<Integer> asked = new ArrayDeque<>();
        List<Integer> before = List.copyOf(model);
        queue.sift(
            page -> {
              asked.addFirst(page);
              return Math.floorMod(page, 10) < share;
            });
        assertThat(asked).as("seed %d", seed).containsExactlyElementsOf(before);
        model.removeIf(page -> Math.floorMod(page, 10) >= share);
        assertThat(queue.toArray())
            .as("seed %d, step %d", seed, step)
            .containsExactly(model.stream().mapToInt(page -> page).toArray());
      }
    }
  }
}
