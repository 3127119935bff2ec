// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The device hands pages out as folios where they leave together, and splits them where not. */
class DevicePagesTest {
  private static final int PAGES = 4_096;

  /**
   * So many find a thread that takes the first page of a folio for free while another splits it.
   */
  private static final int ROUNDS = 3_000;

  private final DevicePages device = new DevicePages(PAGES, 4096);
  private final List<String> moves = new ArrayList<>();

  @AfterEach
  void close() {
    device.close();
  }

  private int migrate(int first, int count) {
    moves.clear();
    device.moveBy(
        (page, pages) -> {
          moves.add(page + "+" + pages);
          return true;
        });
    return device.migrate(first, count);
  }

  @Test
  @DisplayName("Pages that no worker has had move in parts that are as large as they can be")
  void fresh() {
    assertThat(migrate(0, 1_024)).isEqualTo(1_024);
    assertThat(moves).containsExactly("0+512", "512+512");

    assertThat(migrate(1_500, 40)).isEqualTo(40);
    assertThat(moves).containsExactly("1500+4", "1504+32", "1536+4");
  }

  @Test
  @DisplayName("Pages that left together come back as one")
  void folio() {
    migrate(512, 512);
    device.handBack(512, 512);

    assertThat(migrate(512, 512)).isEqualTo(512);
    assertThat(moves).containsExactly("512+512");
  }

  @Test
  @DisplayName("A page of a folio, wherever in it, comes back alone, and so do the others then")
  void part() {
    for (int page : new int[] {512, 700, 1_023}) {
      migrate(512, 512);
      device.handBack(512, 512);

      assertThat(migrate(page, 1)).isEqualTo(1);
      assertThat(moves).containsExactly(page + "+1");
      device.handBack(page, 1);
      assertThat(migrate(512, 512)).isEqualTo(512);
      assertThat(moves).hasSize(512);
      device.handBack(512, 512);
    }
  }

  @Test
  @DisplayName("Of a folio of which a part was moved only, that part is in memory, the rest is not")
  void failed() {
    migrate(0, 512);
    device.handBack(0, 512);
    device.moveBy((page, pages) -> page + pages <= 100);

    assertThat(device.migrate(0, 512)).isEqualTo(100);

    device.handBack(0, 100);
    assertThatIllegalStateException().isThrownBy(() -> device.handBack(100, 1));
    assertThat(migrate(0, 512)).isEqualTo(512);
  }

  @Test
  @DisplayName("Whatever leaves and comes back in which parts: each page is where it should be")
  void random() {
    Random random = new Random(4);
    BitSet inMemory = new BitSet();
    for (int i = 0; i < 5_000; i++) {
      int first = random.nextInt(PAGES);
      boolean in = inMemory.get(first);
      int end = in ? inMemory.nextClearBit(first) : inMemory.nextSetBit(first);
      int most = Math.min(end < 0 ? PAGES : Math.min(end, PAGES), first + 1 + random.nextInt(700));
      if (in) {
        device.handBack(first, most - first);
      } else {
        assertThat(migrate(first, most - first)).isEqualTo(most - first);
      }
      inMemory.set(first, most, !in);
    }
  }

  @Test
  @DisplayName("Threads that ask for different pages of one folio at once each get theirs")
  void concurrent() throws Exception {
    int threads = 4;
    CyclicBarrier barrier =
        new CyclicBarrier(
            threads,
            () -> {
              device.moveBy((page, pages) -> true);
              device.handBack(0, 512);
            });
    migrate(0, 512);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int mine = thread;
        all.add(
            executor.submit(
                () -> {
                  int came = 0;
                  device.moveBy((page, pages) -> page % threads == mine && pages == 1);
                  for (int round = 0; round < ROUNDS; round++) {
                    barrier.await(1, TimeUnit.MINUTES);
                    device.moveBy((page, pages) -> page % threads == mine && pages == 1);
                    for (int page = mine; page < 512; page += threads) {
                      came += device.migrate(page, 1);
                    }
                  }
                  return came;
                }));
      }
      for (Future<Integer> each : all) {
        assertThat(each.get()).isEqualTo(ROUNDS * 512 / threads);
      }
    }
  }

  @Test
  @DisplayName(
      "Threads whose runs share no page bring them and take them out as if they were alone")
  void runs() throws Exception {
    int threads = 4;
    BitSet claimed = new BitSet();
    BitSet inMemory = new BitSet();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        Random random = new Random(thread);
        all.add(
            executor.submit(
                () -> {
                  device.moveBy((page, pages) -> true);
                  int moved = 0;
                  for (int i = 0; i < 20_000; i++) {
                    int first = random.nextInt(PAGES);
                    int most = 1 + random.nextInt(i % 4 == 0 ? 700 : 8);
                    int count = 0;
                    boolean in;
                    synchronized (claimed) {
                      in = inMemory.get(first);
                      while (count < most
                          && first + count < PAGES
                          && !claimed.get(first + count)
                          && inMemory.get(first + count) == in) {
                        count++;
                      }
                      claimed.set(first, first + count);
                    }
                    if (in) {
                      device.handBack(first, count);
                    } else {
                      assertThat(device.migrate(first, count)).isEqualTo(count);
                    }
                    moved += count;
                    synchronized (claimed) {
                      claimed.clear(first, first + count);
                      inMemory.set(first, first + count, !in);
                    }
                  }
                  return moved;
                }));
      }
      for (Future<Integer> each : all) {
        assertThat(each.get()).isPositive();
      }
    }
  }
}
