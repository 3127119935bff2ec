// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which thread is told of the next faults. */
class LeadTest {
  private static final long AT_ONCE = 6_000;
  private static final long OVER_A_NETWORK = 500_000;

  private final AtomicInteger started = new AtomicInteger();
  private final Lead lead = new Lead(started::incrementAndGet);

  @Test
  @DisplayName("A new thread is started where none waits for the lead that is given")
  void starts() throws Exception {
    Lead.Hold hold = lead.new Hold();
    hold.take();
    hold.give();
    assertThat(started).hasValue(1);
    hold.give();
    assertThat(started).as("it was given once").hasValue(1);
  }

  @Test
  @DisplayName("One that was started and has not come to the lead yet counts as waiting for it")
  void coming() throws Exception {
    Lead.Hold hold = lead.new Hold();
    hold.take();
    Lead.Hold coming = lead.new Hold();
    hold.give();
    hold.take();
    hold.give();
    assertThat(started).hasValue(0);
    coming.take();
    assertThat(coming.isHeld()).isTrue();
    coming.give();
    assertThat(started).hasValue(1);
  }

  @Test
  @DisplayName("The thread that waits for the lead gets it, and none is started")
  void hands() throws Exception {
    Lead.Hold first = lead.new Hold();
    first.take();
    Lead.Hold second = lead.new Hold();
    Thread waiting =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    second.take();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(second.isHeld()).isFalse();
    first.give();
    waiting.join();
    assertThat(second.isHeld()).isTrue();
    assertThat(first.isHeld()).isFalse();
    assertThat(started).hasValue(0);
  }

  @Test
  @DisplayName(
      "One thread has it, although each gives it away and the watch takes it away meanwhile")
  void one() throws Exception {
    int threads = 4;
    List<Lead.Hold> holds = IntStream.range(0, threads).mapToObj(i -> lead.new Hold()).toList();
    AtomicInteger have = new AtomicInteger();
    AtomicInteger tooMany = new AtomicInteger();
    CyclicBarrier begin = new CyclicBarrier(threads);
    List<Thread> all =
        holds.stream()
            .map(
                hold ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              try {
                                begin.await();
                                for (int i = 0; i < 20_000; i++) {
                                  hold.take();
                                  if (have.incrementAndGet() > 1) {
                                    tooMany.incrementAndGet();
                                  }
                                  have.decrementAndGet();
                                  // this one's own, and a late one of the watch's
                                  hold.give();
                                  hold.give();
                                }
                              } catch (Exception e) {
                                throw new AssertionError(e);
                              }
                            }))
            .toList();
    for (Thread thread : all) {
      thread.join();
    }
    assertThat(tooMany).hasValue(0);
  }

  @Test
  @DisplayName("Of 20,000 races of a thread and the watch to give it, one wins each")
  void raced() throws Exception {
    Lead.Hold hold = lead.new Hold();
    int rounds = 20_000;
    CyclicBarrier both = new CyclicBarrier(2);
    Thread watch =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < rounds; i++) {
                      both.await();
                      hold.give();
                      both.await();
                    }
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                });
    for (int i = 0; i < rounds; i++) {
      hold.take();
      both.await();
      hold.give();
      both.await();
    }
    watch.join();
    assertThat(started).hasValue(rounds);
  }

  @Test
  @DisplayName("A store is slow after a few slow faults, and fast after a few fast ones")
  void estimates() {
    assertThat(lead.isSlow()).as("nothing is known").isFalse();
    lead.took(OVER_A_NETWORK);
    assertThat(lead.isSlow()).as("one fault says little").isFalse();
    assertThat(faultsUntil(true, OVER_A_NETWORK)).isLessThan(8);
    assertThat(faultsUntil(false, AT_ONCE)).isLessThan(16);
    lead.took(2_000_000_000);
    assertThat(faultsUntil(false, AT_ONCE)).as("after an outage").isLessThan(16);
  }

  private int faultsUntil(boolean isSlow, long nanos) {
    for (int faults = 0; faults < 1000; faults++) {
      if (lead.isSlow() == isSlow) {
        return faults;
      }
      lead.took(nanos);
    }
    return 1000;
  }
}
