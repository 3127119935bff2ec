// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.teardown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.memremap.testing.LoggedLines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Waits by a clock of the test's own, which goes on when somebody waits by it. */
class PatienceTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<Long> waits = new ArrayList<>();
  private long now = 42;
  private final Patience.Rhythm rhythm = new Patience.Rhythm(SECOND, 10 * SECOND, () -> now);

  /** An event that comes after so many seconds. */
  private Patience.Event after(long seconds) {
    long comes = now + seconds * SECOND;
    return nanos -> {
      waits.add(nanos);
      long left = comes - now;
      now += Math.max(0, Math.min(nanos, left));
      return now >= comes;
    };
  }

  private List<String> said(Patience patience, long seconds, boolean comes) {
    long began = now;
    try (LoggedLines log = new LoggedLines("dev.memremap")) {
      boolean came =
          patience.await(after(seconds), () -> "held for %d s".formatted((now - began) / SECOND));
      assertThat(came).isEqualTo(comes);
      return log.lines();
    }
  }

  @Test
  @DisplayName("a wait says after one second what holds it, and then every ten")
  void rhythm() {
    assertThat(said(Patience.unlimited(rhythm), 32, true))
        .containsExactly("held for 1 s", "held for 11 s", "held for 21 s", "held for 31 s");
    assertThat(Patience.Rhythm.USUAL.firstNanos()).isEqualTo(SECOND);
    assertThat(Patience.Rhythm.USUAL.everyNanos()).isEqualTo(10 * SECOND);
  }

  @Test
  @DisplayName("what comes within the first second is not spoken of")
  void shortWait() {
    assertThat(said(Patience.unlimited(rhythm), 1, true)).isEmpty();
    assertThat(said(Patience.unlimited(rhythm), 0, true)).isEmpty();
  }

  @Test
  @DisplayName("a limit counts over all waits together, and each wait begins its own rhythm")
  void limit() {
    Patience patience = Patience.interruptible(Duration.ofSeconds(5), rhythm);
    assertThat(said(patience, 3, true)).containsExactly("held for 1 s");
    assertThat(said(patience, 3, false)).containsExactly("held for 1 s");
    assertThat(now).isEqualTo(42 + 5 * SECOND);
    assertThat(said(patience, 3, false)).isEmpty();
    assertThat(said(patience, 0, true)).as("what has come is seen without any time").isEmpty();
  }

  @Test
  @DisplayName("limits below zero and of centuries are taken as none and as long")
  void extremes() {
    assertThat(said(Patience.interruptible(Duration.ofSeconds(-5), rhythm), 1, false)).isEmpty();
    Duration centuries = Duration.ofSeconds(Long.MAX_VALUE);
    assertThat(said(Patience.interruptible(centuries, rhythm), 1, true)).isEmpty();
    assertThat(said(Patience.interruptible(centuries.negated(), rhythm), 1, false)).isEmpty();
  }

  @Test
  @DisplayName("an interrupt ends an interruptible patience, for later waits, too")
  void interrupted() throws InterruptedException {
    Patience patience = Patience.interruptible(Duration.ofSeconds(5), rhythm);
    patience.rethrowInterrupt(new Failures());
    boolean[] first = {true};
    boolean came =
        patience.await(
            nanos -> {
              waits.add(nanos);
              if (first[0]) {
                first[0] = false;
                throw new InterruptedException();
              }
              return false;
            },
            () -> "not said");
    assertThat(came).isFalse();
    assertThat(said(patience, 3, false)).isEmpty();
    assertThat(waits).containsExactly(SECOND, 0L, 0L);
    Failures failures = new Failures();
    IllegalStateException failure = new IllegalStateException("held");
    failures.add(failure);
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> patience.rethrowInterrupt(failures))
        .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(failure));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  @DisplayName("a patience that no interrupt ends waits on, and keeps the interrupt")
  void keptInterrupt() {
    boolean[] first = {true};
    boolean came =
        Patience.unlimited(rhythm)
            .await(
                nanos -> {
                  if (first[0]) {
                    first[0] = false;
                    throw new InterruptedException();
                  }
                  return true;
                },
                () -> "not said");
    assertThat(came).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }
}
