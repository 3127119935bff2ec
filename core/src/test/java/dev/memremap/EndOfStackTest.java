// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A call that is made near the end of the stack: where it ends in a StackOverflowError it has
 * changed nothing, or what it began can be ended by calling it again.
 */
class EndOfStackTest {
  /** How many depths a call is made at. */
  private static final int DEPTHS = Integer.getInteger("dev.memremap.depths", 22);

  /**
   * Frames of {@link #descend} that the depths are spread over: more than 64 KiB, interpreted too.
   */
  private static final int FRAMES = 2_640;

  /** How many frames more than the deepest are tried, one by one, until a call overflows. */
  private static final int MOST_OVER = 512;

  /** Held, so that its level stays. Machines are closed here with all that is in them. */
  private static final Logger LOGGER = Logger.getLogger("dev.memremap");

  private static int lastDeepest;

  private static final int WARM_UP = 20;
  private static final long STACK_BYTES = 512 << 10;

  @BeforeAll
  static void silence() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void speak() {
    LOGGER.setLevel(null);
  }

  static Stream<HalfDoneCall> calls() {
    return HalfDoneCall.all();
  }

  @ParameterizedTest
  @MethodSource("calls")
  @DisplayName("a call that overflows the stack has changed nothing, or can be ended by another")
  void nothingHalfDone(HalfDoneCall call) throws InterruptedException {
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                atEachDepth(call);
              } catch (Throwable e) {
                failed.set(e);
              }
            },
            "end of the stack",
            STACK_BYTES);
    thread.start();
    thread.join();
    assertThat(failed.get()).isNull();
  }

  private static void atEachDepth(HalfDoneCall call) {
    // what is loaded and linked at the first call would need more stack than any later one
    isOverflowing(call, 0);
    for (int i = 0; i < WARM_UP; i++) {
      deepest();
    }
    List<Boolean> overflowed = new ArrayList<>();
    for (int i = 0; i < DEPTHS; i++) {
      // found anew each time, for frames shrink when they are compiled
      overflowed.add(isOverflowing(call, deepest() - i * FRAMES / DEPTHS));
    }
    // a compiled call may need less stack than is left below so many frames
    for (int over = 1; !overflowed.contains(true) && over <= MOST_OVER; over++) {
      overflowed.add(isOverflowing(call, deepest() + over));
    }
    assertThat(overflowed).as("%s, from the end of the stack upwards", call).contains(true);
  }

  /** Makes a call below so many frames, and checks what it did. */
  private static boolean isOverflowing(HalfDoneCall call, int frames) {
    try (HalfDoneSubject subject = new HalfDoneSubject()) {
      call.prepare(subject);
      boolean overflowed = false;
      try {
        descend(frames, () -> call.on(subject));
      } catch (StackOverflowError e) {
        overflowed = true;
      }
      call.check(subject, overflowed);
      return overflowed;
    }
  }

  private static boolean descend(int frames, Runnable then) {
    if (frames == 0) {
      then.run();
      return true;
    }
    return descend(frames - 1, then);
  }

  /**
   * How many frames fit on the stack. The answer is looked for around the last one, since each
   * overflow is unwound frame by frame.
   */
  private static int deepest() {
    int fits = lastDeepest;
    int step = 1;
    while (fits > 0 && !fits(fits)) {
      fits = Math.max(fits - step, 0);
      step *= 2;
    }
    step = 1;
    while (fits(fits + step)) {
      fits += step;
      step *= 2;
    }
    int overflows = fits + step;
    while (overflows - fits > 1) {
      int middle = (fits + overflows) >>> 1;
      if (fits(middle)) {
        fits = middle;
      } else {
        overflows = middle;
      }
    }
    lastDeepest = fits;
    return fits;
  }

  private static boolean fits(int frames) {
    try {
      return descend(frames, () -> {});
    } catch (StackOverflowError e) {
      return false;
    }
  }
}
