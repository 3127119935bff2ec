// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static dev.memremap.pager.internal.state.PageState.BUSY;
import static dev.memremap.pager.internal.state.PageState.GHOST;
import static dev.memremap.pager.internal.state.PageState.HOT;
import static dev.memremap.pager.internal.state.PageState.PINNED;
import static dev.memremap.pager.internal.state.PageState.PRESENT;
import static dev.memremap.pager.internal.state.PageState.REFERENCED;
import static dev.memremap.pager.internal.state.PageState.has;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which pages stay and which leave, beside a set that knows what entered and what left. */
class ResidentsTest {
  private static final int LIMIT = 32;
  private static final int PAGES = 200;

  private final int[] bits = new int[100_000];
  private final PageStates states =
      new PageStates() {
        @Override
        public int page(int page) {
          return bits[page];
        }

        @Override
        public void page(int page, int state) {
          bits[page] = state;
        }
      };
  private final Residents residents = new Residents(states, LIMIT);

  private void comesIn(int page) {
    residents.enter(page);
    bits[page] &= ~BUSY;
  }

  private int goesOut() {
    int page = residents.choose(false);
    if (page >= 0) {
      residents.leave(page, true);
    }
    return page;
  }

  /** As a fault does: something leaves first where memory is full. */
  private void fault(int page) {
    if (!has(bits[page], PRESENT)) {
      while (residents.size() >= LIMIT) {
        assertThat(goesOut()).isNotNegative();
      }
      comesIn(page);
    }
  }

  private void makeHot(int first, int count) {
    for (int page = first; page < first + count; page++) {
      comesIn(page);
    }
    for (int left = 0; left < count; left++) {
      residents.leave(residents.choose(true), true);
    }
    for (int page = first; page < first + count; page++) {
      comesIn(page);
      assertThat(has(bits[page], HOT)).isTrue();
    }
  }

  @Test
  @DisplayName("A random history counts as a set does, and chooses only what may leave")
  void history() {
    for (long seed = 1; seed <= 40; seed++) {
      history(seed);
    }
  }

  private void history(long seed) {
    Arrays.fill(bits, 0);
    Residents tried = new Residents(states, LIMIT);
    Random random = new Random(seed);
    TreeSet<Integer> inside = new TreeSet<>();
    List<Integer> chosen = new ArrayList<>();
    for (int step = 0; step < 4_000; step++) {
      int page = random.nextInt(PAGES);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          if (!has(bits[page], PRESENT) && !has(bits[page], BUSY) && inside.size() < LIMIT) {
            boolean ghost = has(bits[page], GHOST);
            int pin = bits[page] & PINNED;
            int state = tried.enter(page);
            assertThat(state).as("seed %d", seed).isEqualTo(bits[page]);
            assertThat(has(state, HOT)).as("seed %d", seed).isEqualTo(ghost);
            assertThat(state & (PRESENT | BUSY | PINNED | GHOST))
                .as("seed %d", seed)
                .isEqualTo(PRESENT | BUSY | pin);
            inside.add(page);
            if (random.nextInt(4) > 0) {
              bits[page] &= ~BUSY;
            }
          }
        }
        case 3, 4 -> {
          int out = tried.choose(random.nextBoolean());
          if (out >= 0) {
            assertThat(inside).as("seed %d", seed).contains(out);
            assertThat(bits[out] & (BUSY | PINNED | PRESENT)).isEqualTo(PRESENT);
            bits[out] |= BUSY;
            chosen.add(out);
          }
        }
        case 5 -> {
          if (!chosen.isEmpty()) {
            int out = chosen.remove(random.nextInt(chosen.size()));
            if (random.nextInt(3) > 0) {
              tried.leave(out, random.nextBoolean());
              inside.remove(out);
              assertThat(bits[out] & (PRESENT | BUSY | HOT)).isZero();
            } else {
              bits[out] &= ~BUSY;
              tried.keep(out);
            }
          }
        }
        case 6 -> bits[page] ^= PINNED;
        default -> {
          if (has(bits[page], PRESENT) && !chosen.contains(page)) {
            bits[page] = (bits[page] | REFERENCED) & ~BUSY;
          }
        }
      }
      assertThat(tried.size()).as("seed %d, step %d", seed, step).isEqualTo(inside.size());
    }
    List<Integer> told = new ArrayList<>();
    tried.forEach(told::add);
    assertThat(told).as("seed %d", seed).containsExactlyElementsOf(inside);
  }

  @Test
  @DisplayName("A page that was chosen, and has not left yet, is told of as in memory")
  void chosenIsStillIn() {
    comesIn(3);
    comesIn(4);

    int chosen = residents.choose(false);

    bits[chosen] |= BUSY;
    List<Integer> told = new ArrayList<>();
    residents.forEach(told::add);
    assertThat(told).containsExactly(3, 4);
  }

  @Test
  @DisplayName("A scan of fresh pages takes no hot page's place")
  void scan() {
    makeHot(0, LIMIT / 2);

    for (int page = 1_000; page < 50_000; page++) {
      fault(page);
    }

    for (int page = 0; page < LIMIT / 2; page++) {
      assertThat(bits[page] & (PRESENT | HOT)).as("page %d", page).isEqualTo(PRESENT | HOT);
    }
  }

  @Test
  @DisplayName("Without a page on trial a hot one leaves, but for pages that were not asked for")
  void onlyHot() {
    makeHot(0, 4);

    assertThat(residents.choose(true)).isEqualTo(-1);
    assertThat(residents.choose(false)).isZero();
  }

  @Test
  @DisplayName("A page asked for soon after it left comes in as hot, and long after it does not")
  void ghosts() {
    for (int page = 0; page < 2 * LIMIT; page++) {
      fault(page);
    }
    fault(LIMIT - 1); // the last one that left
    fault(0);

    assertThat(has(bits[LIMIT - 1], HOT)).isTrue();
    assertThat(has(bits[0], HOT)).isFalse();
  }

  @Test
  @DisplayName("No more numbers are remembered than half of what may be in memory")
  void forgets() {
    for (int page = 0; page < 20 * LIMIT; page++) {
      fault(page);
    }

    int ghosts = 0;
    for (int page = 0; page < 20 * LIMIT; page++) {
      ghosts += has(bits[page], GHOST) ? 1 : 0;
    }
    assertThat(ghosts).isEqualTo(LIMIT / 2);
  }

  @Test
  @DisplayName("A hot page that was written to stays one round longer")
  void secondChance() {
    makeHot(0, 3);
    bits[0] |= REFERENCED;

    assertThat(goesOut()).isEqualTo(1);
    assertThat(has(bits[0], REFERENCED)).isFalse();
    assertThat(goesOut()).isEqualTo(2);
    assertThat(goesOut()).isZero();
  }

  @Test
  @DisplayName("Pinned and busy pages are passed over; if all are, none is chosen")
  void passedOver() {
    makeHot(0, 4);
    for (int page = 10; page < 14; page++) {
      comesIn(page);
    }
    for (int page : new int[] {0, 1, 2, 3, 10, 11, 12}) {
      bits[page] |= page % 2 == 0 ? PINNED : BUSY;
    }

    assertThat(goesOut()).isEqualTo(13);
    bits[0] |= REFERENCED;
    for (int again = 0; again < 3; again++) {
      assertThat(residents.choose(false)).isEqualTo(-1);
      assertThat(residents.choose(true)).isEqualTo(-1);
    }
    bits[2] &= ~PINNED;
    assertThat(goesOut()).isEqualTo(2);
  }

  @Test
  @DisplayName("A pin outlives that its page leaves")
  void pinStays() {
    comesIn(5);
    int chosen = residents.choose(false);
    bits[5] |= PINNED | BUSY;

    residents.leave(chosen, false);

    assertThat(bits[5]).isEqualTo(PINNED);
    assertThat(residents.enter(5)).isEqualTo(PINNED | PRESENT | BUSY);
  }

  @Test
  @DisplayName("What was in memory before this worker counts, hot pages as hot")
  void adopts() {
    bits[1] = PRESENT;
    bits[2] = PRESENT | HOT;
    residents.adopt(1, bits[1]);
    residents.adopt(2, bits[2]);

    assertThat(residents.size()).isEqualTo(2);
    assertThat(residents.choose(true)).isEqualTo(1);
    assertThat(residents.choose(true)).isEqualTo(-1);
    assertThat(residents.choose(false)).isEqualTo(2);
  }

  @Test
  @DisplayName("Pages that are touched and sent out again leave nothing behind, however often")
  void leavesNothing() {
    Random random = new Random(5);
    makeHot(0, 8);
    for (int round = 0; round < 100_000; round++) {
      int page = random.nextInt(PAGES);
      if (!has(bits[page], PRESENT)) {
        if (residents.size() == LIMIT) {
          continue;
        }
        comesIn(page);
      }
      residents.leave(page, random.nextInt(8) == 0);
      assertThat(residents.queued()).as("round %d", round).isLessThanOrEqualTo(4 * LIMIT + 128);
    }
  }

  @Test
  @DisplayName("Where numbers of pages that left are dropped, those in memory keep their order")
  void keepsOrder() {
    for (int page = 0; page < 20; page++) {
      comesIn(page);
    }
    for (int round = 0; round < 1_000; round++) {
      comesIn(100);
      residents.leave(100, false);
    }
    comesIn(100);
    List<Integer> seen = new ArrayList<>();
    residents.forEach(seen::add);
    assertThat(seen).hasSize(21).startsWith(0, 1, 2).endsWith(19, 100);
    for (int page = 0; page < 20; page++) {
      assertThat(goesOut()).isEqualTo(page);
    }
    assertThat(goesOut()).isEqualTo(100);
    assertThat(goesOut()).isEqualTo(-1);
    assertThat(bits[100] & (PRESENT | GHOST)).isEqualTo(GHOST);
  }
}
