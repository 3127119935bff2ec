// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CellOwnersTest {
  private static int current() {
    return CellOwners.slot(Thread.currentThread().threadId());
  }

  private static int claimAndLook() {
    int claimed = CellOwners.claim();
    return claimed == current() ? claimed : -2;
  }

  private static <T> T in(Thread.Builder builder, Callable<T> task) throws Exception {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = builder.start(future);
    T result = future.get();
    thread.join();
    return result;
  }

  @Test
  @DisplayName("a virtual thread has no slot")
  void virtual() throws Exception {
    assertThat(in(Thread.ofVirtual(), CellOwnersTest::claimAndLook)).isEqualTo(CellOwners.NONE);
  }

  @Test
  @DisplayName("slots of threads that have ended are given to others, far more than there are")
  void reuse() throws Exception {
    Set<Integer> slots = new HashSet<>();
    for (int i = 0; i < 3 * CellOwners.SLOTS; i++) {
      slots.add(in(Thread.ofPlatform(), CellOwnersTest::claimAndLook));
    }
    assertThat(slots).allMatch(slot -> slot >= 0 && slot < CellOwners.SLOTS);
  }

  @Test
  @DisplayName("living threads never share a slot; those that got none get one when one is freed")
  void exclusive() throws Exception {
    CountDownLatch allAsked = new CountDownLatch(2 * CellOwners.SLOTS);
    CountDownLatch over = new CountDownLatch(1);
    List<FutureTask<Integer>> asked = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2 * CellOwners.SLOTS; i++) {
      FutureTask<Integer> task =
          new FutureTask<>(
              () -> {
                int slot = CellOwners.claim();
                allAsked.countDown();
                over.await();
                // what it has it keeps, what it has not it is not given
                return current() == slot && (slot >= 0 || CellOwners.claim() == CellOwners.NONE)
                    ? slot
                    : -2;
              });
      asked.add(task);
      threads.add(Thread.ofPlatform().start(task));
    }
    allAsked.await();
    over.countDown();
    List<Integer> slots = new ArrayList<>();
    for (FutureTask<Integer> task : asked) {
      slots.add(task.get());
    }
    assertThat(slots).doesNotContain(-2).contains(CellOwners.NONE);
    assertThat(slots.stream().filter(slot -> slot >= 0)).doesNotHaveDuplicates().isNotEmpty();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(in(Thread.ofPlatform(), CellOwnersTest::claimAndLook)).isNotNegative();
  }
}
