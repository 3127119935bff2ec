// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.teardown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.internal.teardown.TeardownTurn.Of;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TeardownTurnTest {
  private final TeardownTurn a = new TeardownTurn(Of.DEVICE, "device a");
  private final TeardownTurn b = new TeardownTurn(Of.DEVICE, "device b");
  private final TeardownTurn machine = new TeardownTurn(Of.MACHINE, "the machine");

  private static boolean begin(TeardownTurn turn) {
    return turn.begin(Patience.unlimited());
  }

  @Test
  @DisplayName("a thread that has a turn goes on in it, and ends it once")
  void nested() {
    assertThat(begin(a)).isTrue();
    assertThat(begin(a)).isFalse();
    assertThat(a.isMine()).isTrue();
    a.end();
    assertThat(a.isMine()).isFalse();
    assertThat(begin(a)).isTrue();
    a.end();
  }

  @Test
  @DisplayName("a release inside another device's release, back to the first, is refused")
  void backThroughAnother() {
    begin(a);
    begin(b);
    assertThatIllegalStateException()
        .isThrownBy(() -> begin(a))
        .withMessageContaining("device a cannot be released here")
        .withMessageContaining("device b");
    b.end();
    assertThat(begin(a)).as("b's release is over").isFalse();
    a.end();
  }

  @Test
  @DisplayName("a machine that closes inside a device's action releases that device")
  void throughTheMachine() {
    begin(a);
    assertThat(begin(machine)).isTrue();
    assertThat(begin(a)).isFalse();
    assertThat(begin(machine)).isFalse();
    machine.end();
    a.end();
    assertThat(begin(machine)).isTrue();
    machine.end();
  }

  @Test
  @DisplayName("a turn of another thread is waited for, and EBUSY where the patience ends before")
  void another() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    Thread other =
        Thread.ofPlatform()
            .name("the other")
            .start(
                () -> {
                  begin(a);
                  begun.countDown();
                  try {
                    mayEnd.await();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                  a.end();
                });
    begun.await();
    assertThatExceptionOfType(MemremapException.class)
        .isThrownBy(() -> a.begin(Patience.upTo(Duration.ZERO)))
        .matches(e -> e.errno() == Errno.EBUSY)
        .withMessageContaining("thread the other releases device a");
    assertThat(a.isMine()).isFalse();
    mayEnd.countDown();
    assertThat(begin(a)).isTrue();
    a.end();
    other.join();
  }

  @Test
  @DisplayName("two threads that would wait for each other: one is refused, with both names")
  void circle() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    FutureTask<String> one = new FutureTask<>(() -> inBoth(a, b, both));
    FutureTask<String> other = new FutureTask<>(() -> inBoth(b, a, both));
    Thread.ofPlatform().daemon().name("one").start(one);
    Thread.ofPlatform().daemon().name("other").start(other);
    assertThat(new String[] {one.get(), other.get()})
        .filteredOn(said -> !said.isEmpty())
        .singleElement()
        .asString()
        .contains("device a")
        .contains("device b")
        .contains("would have no end");
    assertThat(begin(a)).isTrue();
    assertThat(begin(b)).isTrue();
    b.end();
    a.end();
  }

  /** What was refused; empty if nothing was. */
  private static String inBoth(TeardownTurn outer, TeardownTurn inner, CountDownLatch both)
      throws InterruptedException {
    begin(outer);
    try {
      both.countDown();
      both.await();
      begin(inner);
      inner.end();
      return "";
    } catch (IllegalStateException refused) {
      return refused.getMessage();
    } finally {
      outer.end();
    }
  }
}
