// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is brought in behind a miss, by the misses before it. */
class ReadAheadTest {
  private final ReadAhead readAhead = new ReadAhead(ReadAhead.MOST);

  /** A reader in steps: misses where nothing was brought in, as long as it likes. */
  private List<Integer> read(int from, int step, int misses) {
    List<Integer> windows = new ArrayList<>();
    int page = from;
    for (int i = 0; i < misses; i++) {
      readAhead.miss(page);
      windows.add(readAhead.pages());
      if (readAhead.pages() > 0) {
        assertThat(readAhead.distance()).isEqualTo(step);
      }
      page += step * (readAhead.pages() + 1);
    }
    return windows;
  }

  @Test
  @DisplayName(
      "A reader of one page after the other gets four at once, then twice as many, up to extents")
  void sequential() {
    // 1,516 asks for the rest of an extent, and 1,536 begins the next one
    assertThat(read(1_000, 1, 12))
        .containsExactly(0, 4, 8, 16, 32, 64, 128, 256, 19, 511, 511, 511);
  }

  @Test
  @DisplayName("It never gets more than there is to be had at most")
  void most() {
    ReadAhead little = new ReadAhead(6);
    int page = 0;
    for (int i = 0; i < 20; i++) {
      little.miss(page);
      assertThat(little.pages()).isLessThanOrEqualTo(6);
      page += little.pages() + 1;
    }
    assertThat(little.pages()).isEqualTo(6);
  }

  @Test
  @DisplayName("A reader in steps gets pages ahead from its third miss on, at most sixteen")
  void strided() {
    assertThat(read(50_000, 7, 6)).containsExactly(0, 0, 4, 8, 16, 16);
    assertThat(read(10_000, 4_000, 4)).containsExactly(0, 0, 4, 8);
  }

  @Test
  @DisplayName("A reader that goes backwards gets the pages before it")
  void backwards() {
    assertThat(read(90_000, -1, 5)).containsExactly(0, 0, 4, 8, 16);
  }

  @Test
  @DisplayName("Several readers at once are told apart")
  void interleaved() {
    int[] at = {10_000, 200_000, 3_000_000, 40_000_000, 70_000_000, 90_000_000};
    for (int round = 0; round < 12; round++) {
      for (int reader = 0; reader < at.length; reader++) {
        readAhead.miss(at[reader]);
        int next = at[reader] + readAhead.pages() + 1;
        int expected = round == 0 ? 0 : 4 << (round - 1);
        if (expected < 512) {
          assertThat(readAhead.pages()).as("round %d, %d", round, reader).isEqualTo(expected);
        } else {
          assertThat(next % 512).as("round %d, reader %d", round, reader).isZero();
        }
        at[reader] = next;
      }
    }
  }

  @Test
  @DisplayName("Random misses bring in next to nothing")
  void random() {
    Random random = new Random(11);
    long ahead = 0;
    for (int i = 0; i < 100_000; i++) {
      readAhead.miss(random.nextInt(1 << 24));
      ahead += readAhead.pages();
    }
    assertThat(ahead).isLessThan(100);
  }

  @Test
  @DisplayName("Random misses in a small memory bring in less than they ask for")
  void randomInSmall() {
    Random random = new Random(12);
    long ahead = 0;
    for (int i = 0; i < 100_000; i++) {
      readAhead.miss(random.nextInt(4_096));
      ahead += readAhead.pages();
    }
    assertThat(ahead).isLessThan(10_000);
  }

  @Test
  @DisplayName("A guess that was wrong is not made again")
  void wrong() {
    assertThat(read(1_000, 1, 6)).endsWith(64);

    // it jumps within its neighbourhood
    readAhead.miss(3_000);
    assertThat(readAhead.pages()).isZero();
    // and goes on there as a new reader does
    readAhead.miss(3_001);
    assertThat(readAhead.pages()).isEqualTo(4);
  }

  @Test
  @DisplayName("Readers that are not heard of again lose their places to those that come")
  void replaced() {
    for (int reader = 0; reader < 8; reader++) {
      readAhead.miss(10_000 * (reader + 1));
    }
    assertThat(read(500_000, 1, 4)).containsExactly(0, 4, 8, 16);
  }

  @Test
  @DisplayName("At the last page there is, and at the first one, nothing overflows")
  void ends() {
    assertThat(read(Integer.MAX_VALUE - 60, 1, 4)).containsExactly(0, 4, 8, 16);
    readAhead.miss(Integer.MAX_VALUE - 1);
    readAhead.miss(Integer.MAX_VALUE);
    readAhead.miss(0);
    assertThat(readAhead.pages()).isZero();
    readAhead.miss(Integer.MAX_VALUE);
    assertThat(readAhead.pages()).isZero();
    read(Integer.MAX_VALUE - 4_095 * 8, 4_095, 5);
    assertThat(read(30, -10, 4)).containsExactly(0, 0, 4, 8);
  }

  @Test
  @DisplayName("A page that comes twice makes no step")
  void same() {
    for (int i = 0; i < 5; i++) {
      readAhead.miss(77);
      assertThat(readAhead.pages()).isZero();
    }
  }
}
