// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.internal.ref.Dependent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PercpuRefTest {
  private final AtomicInteger released = new AtomicInteger();
  private final PercpuRef ref = PercpuRef.init(released::incrementAndGet);

  @Test
  @DisplayName("PR-5 a kill gives the initial reference back, and the last put releases")
  void killThenPut() {
    ref.getMany(3);
    ref.kill();
    assertThat(ref.isDying()).isTrue();
    assertThat(ref.tryGetLive()).isFalse();
    assertThat(ref.tryGet()).isTrue();
    ref.putMany(3);
    assertThat(released).hasValue(0);
    ref.put();
    assertThat(released).hasValue(1);
    assertThat(ref.isZero()).isTrue();
  }

  @Test
  @DisplayName("C-14 per-CPU mode hides zero, and the switch to atomic mode releases")
  void hiddenZero() {
    PercpuRef hidden = PercpuRef.init(released::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);
    hidden.put();
    assertThat(hidden.isZero()).isFalse();
    assertThat(hidden.tryGet()).isTrue();
    hidden.put();
    hidden.switchToAtomic();
    assertThat(released).hasValue(1);
    assertThat(hidden.isDying()).isFalse();
    hidden.get();
    hidden.put();
    assertThat(released).hasValue(2);
  }

  @Test
  @DisplayName("D-5 a put below zero is refused at once in atomic mode")
  void putBelowZeroAtomic() {
    PercpuRef atomic = PercpuRef.init(PercpuRef.Flag.INIT_ATOMIC);
    assertRefused(() -> atomic.putMany(2), "one too many", atomic, 1);
  }

  @Test
  @DisplayName("D-5 a put below zero in per-CPU mode is found by the kill, which is refused")
  void putBelowZeroPercpu() {
    ref.putMany(2);
    assertRefused(ref::kill, "one too many", ref, -1);
    assertRefused(ref::switchToAtomic, "one too many", ref, -1);
    ref.getMany(2);
    ref.kill();
    assertThat(released).hasValue(1);
  }

  @Test
  @DisplayName("D-5 a second kill, and one without the initial reference, are refused")
  void killTwice() {
    ref.get();
    ref.kill();
    assertRefused(ref::kill, "once in a life", ref, 1);
    PercpuRef gone = PercpuRef.init();
    gone.put();
    assertRefused(gone::kill, "initial reference", gone, 0);
    gone.switchToAtomic();
    assertRefused(gone::kill, "initial reference", gone, 0);
  }

  @Test
  @DisplayName("C-15 only a dead reference is revived, at zero if reinitialised")
  void revivals() {
    assertRefused(ref::reinit, "lives", ref, 1);
    assertRefused(ref::resurrect, "lives", ref, 1);
    ref.get();
    ref.kill();
    assertRefused(ref::resurrect, "ALLOW_REINIT", ref, 1);
    PercpuRef again = PercpuRef.init(PercpuRef.Flag.ALLOW_REINIT);
    again.get();
    again.kill();
    assertRefused(again::reinit, "at zero", again, 1);
    again.resurrect();
    assertThat(again.references()).isEqualTo(2);
    assertThat(again.isZero()).isFalse();
    assertThat(again.tryGetLive()).isTrue();
  }

  @Test
  @DisplayName("C-15 a reference in atomic mode leaves it only with ALLOW_REINIT")
  void leavingAtomicMode() {
    ref.switchToAtomic();
    assertRefused(ref::switchToPercpu, "ALLOW_REINIT", ref, 1);
    ref.kill();
    ref.reinit();
    assertThat(ref.references()).as("it stays atomic").isEqualTo(1);
    ref.put();
    assertThat(ref.isZero()).isTrue();
  }

  @Test
  @DisplayName("C-10 after the exit it reads dying, cannot be taken, and can be put")
  void exit() {
    ref.get();
    ref.exit();
    ref.exit();
    assertThat(ref.isDying()).isTrue();
    assertThat(ref.isZero()).isFalse();
    assertThat(ref.tryGet()).isFalse();
    assertThat(ref.tryGetLive()).isFalse();
    List<ThrowingCallable> misuse =
        List.of(
            ref::get,
            ref::kill,
            ref::reinit,
            ref::resurrect,
            ref::switchToAtomic,
            ref::switchToPercpu);
    for (ThrowingCallable each : misuse) {
      assertRefused(each, "exited", ref, 2);
    }
    ref.putMany(2);
    assertThat(released).as("D-4 puts after the exit still count").hasValue(1);
    assertThat(ref.isZero()).as("as it read before").isFalse();
    assertRefused(ref::put, "one too many", ref, 0);
  }

  @Test
  @DisplayName("PR-5 the confirmation runs before the initial reference is given back")
  void confirmation() {
    List<String> log = new ArrayList<>();
    PercpuRef logged = PercpuRef.init(() -> log.add("release"));
    logged.killAndConfirm(() -> log.add("confirm " + logged.tryGetLive()));
    assertThat(log).containsExactly("confirm false", "release");
  }

  @Test
  @DisplayName("PR-13 counts beyond the usable range are refused and change nothing")
  void overflow() {
    assertThatThrownBy(() -> ref.getMany(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ref.putMany(-1)).isInstanceOf(IllegalArgumentException.class);
    for (PercpuRef each : List.of(ref, PercpuRef.init(PercpuRef.Flag.INIT_ATOMIC))) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 4; i++) {
                  each.getMany(PercpuRef.MOST_AT_ONCE);
                }
              })
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("2^5");
      long held = each.references();
      each.putMany(held - 1);
      each.kill();
      assertThat(each.isZero()).isTrue();
    }
  }

  @Test
  @DisplayName("awaitZero returns when the release callback has")
  void awaitZero() throws InterruptedException {
    AtomicInteger done = new AtomicInteger();
    CountDownLatch mayEnd = new CountDownLatch(1);
    PercpuRef slow =
        PercpuRef.init(
            () -> {
              awaitQuietly(mayEnd);
              done.set(1);
            });
    slow.get();
    slow.kill();
    assertThat(slow.awaitZero(Duration.ZERO)).isFalse();
    Thread putter = Thread.ofPlatform().start(slow::put);
    while (!slow.isZero()) {
      Thread.onSpinWait();
    }
    assertThat(slow.awaitZero(Duration.ofMillis(5))).isFalse();
    mayEnd.countDown();
    assertThat(slow.awaitZero(Duration.ofDays(Long.MAX_VALUE / 100_000))).isTrue();
    assertThat(done).hasValue(1);
    putter.join();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("a traced reference names its holders")
  void holders() {
    ref.get();
    ref.trace(true);
    ref.get();
    ref.getMany(5);
    ref.get();
    ref.put();
    assertThat(ref.holders()).extracting(Holder::count).containsExactly(1L, 5L);
    assertThat(ref.holders().getFirst().frames().getFirst()).contains("PercpuRefTest.holders");
    ref.trace(false);
    assertThat(ref.holders()).isEmpty();
    ref.putMany(7);
    ref.kill();
    assertThat(released).hasValue(1);
  }

  @Test
  @DisplayName(
      "C-10 a reference that something lives by is not exited; it drains after it was let go")
  void dependents() {
    List<String> log = new ArrayList<>();
    PercpuRef lived = PercpuRef.init(() -> log.add("release"));
    Dependent map =
        new Dependent() {
          @Override
          public void drained() {
            log.add("drained");
          }

          @Override
          public String toString() {
            return "map p";
          }
        };
    assertThat(lived.attach(map, 512)).isTrue();
    assertThat(lived.references()).isEqualTo(513);
    assertThatIllegalStateException().isThrownBy(lived::exit).withMessageContaining("map p");
    assertThatIllegalStateException().isThrownBy(() -> lived.detach(map, 512));
    lived.get();
    lived.kill();
    lived.detach(map, 512);
    assertThat(log).isEmpty();
    lived.exit();
    lived.put();
    assertThat(log).containsExactly("drained", "release");
    assertThat(lived.attach(map, 1)).isFalse();
  }

  @Test
  @DisplayName(
      "C-2 what holds no reference of its own is told at once where the count was zero before")
  void dependentOfADrainedReference() {
    AtomicInteger drained = new AtomicInteger();
    Dependent map = drained::incrementAndGet;
    ref.attach(map, 0);
    ref.kill();
    assertThat(drained).hasValue(0);
    ref.detach(map, 0);
    assertThat(drained).hasValue(1);
  }

  @Test
  @DisplayName(
      "PR-7 the sum of many threads is right, whatever mode they met, after a kill among them")
  void manyThreads() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      AtomicInteger releases = new AtomicInteger();
      PercpuRef many = PercpuRef.init(releases::incrementAndGet, PercpuRef.Flag.ALLOW_REINIT);
      // each thread's share: so that a get after the kill is one of a reference that is held
      many.getMany(8);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int kept = i;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int n = 0; n < 3_000; n++) {
                        many.get();
                        many.put();
                      }
                      many.getMany(kept + 1);
                      many.put();
                    }));
      }
      for (int n = 0; n < 50; n++) {
        many.switchToAtomic();
        many.switchToPercpu();
      }
      many.kill();
      assertThat(many.tryGetLive()).isFalse();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(many.references()).isEqualTo(8 + 28);
      assertThat(releases).hasValue(0);
      many.putMany(8 + 28);
      assertThat(releases).hasValue(1);
    }
  }

  private static void assertRefused(
      ThrowingCallable misuse, String why, PercpuRef ref, long referencesAfter) {
    assertThatIllegalStateException()
        .isThrownBy(misuse::call)
        .withMessageContaining(why)
        .withMessageContaining("D-5");
    assertThat(ref.references()).as("the count stays right").isEqualTo(referencesAfter);
  }
}
