// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls where something else has taken all of the heap but a few bytes, more bytes each time,
 * so that each allocation of a call is once the one that finds no room. After each call the heap is
 * given back, and what the call was made on has to be whole, and unlocked.
 *
 * <p>It wants a small heap, and a JVM that takes every object from it one by one: {@code -Xmx16m
 * -XX:+UseSerialGC -XX:-UseTLAB}.
 */
final class EndOfHeapProgram {
  /** Held, so that its level stays. Machines are closed here with all that is in them. */
  private static final Logger LOGGER = Logger.getLogger("dev.memremap");

  private static final int LARGEST = 64 << 10;
  private static final int SMALLEST = 2;

  /** What one of the smallest chunks of the hoard takes. */
  private static final int STEP_BYTES = 24;

  /** What takes the heap: each chunk leads to the one before it. */
  private static Object @Nullable [] hoard;

  private EndOfHeapProgram() {}

  /**
   * Runs.
   *
   * @param args at how many fillings of the heap each call is made, and the calls' names
   */
  public static void main(String[] args) {
    LOGGER.setLevel(Level.OFF);
    int fillings = Integer.parseInt(args[0]);
    boolean whole = true;
    for (String name : Arrays.asList(args).subList(1, args.length)) {
      whole &= isWhole(HalfDoneCall.named(name), fillings);
    }
    System.exit(whole ? 0 : 1);
  }

  private static boolean isWhole(HalfDoneCall call, int fillings) {
    // what is loaded and linked at the first call shall not be what finds no room
    for (int i = 0; i < 3; i++) {
      made(call, -1);
    }
    made(call, 0);
    int refused = 0;
    for (int i = 0; i < fillings; i++) {
      Outcome outcome = made(call, i);
      if (outcome.broken() != null) {
        System.out.printf("%s: with %d bytes left, %s%n", call, i * STEP_BYTES, outcome.broken());
        return false;
      }
      refused += outcome.refused() ? 1 : 0;
    }
    System.out.printf("%s: %d of %d calls found no room%n", call, refused, fillings);
    return true;
  }

  private record Outcome(boolean refused, @Nullable String broken) {}

  /**
   * Makes a call.
   *
   * @param steps how many chunks the heap has room for then; negative for all of it
   */
  private static Outcome made(HalfDoneCall call, int steps) {
    boolean refused = false;
    try (HalfDoneSubject subject = new HalfDoneSubject()) {
      call.prepare(subject);
      try {
        if (steps >= 0) {
          takeAllBut(steps);
        }
        call.on(subject);
      } catch (OutOfMemoryError e) {
        refused = true;
      } catch (MemremapException e) {
        // the JDK makes this of an OutOfMemoryError of its own
        hoard = null;
        if (e.errno() != Errno.ENOMEM) {
          throw e;
        }
        refused = true;
      } finally {
        hoard = null;
      }
      String locked = locked();
      if (locked != null) {
        return new Outcome(refused, locked);
      }
      call.check(subject, refused);
      return new Outcome(refused, null);
    } catch (AssertionError | RuntimeException e) {
      StringBuilder text = new StringBuilder(e.toString().replace('\n', ' '));
      for (StackTraceElement frame : e.getStackTrace()) {
        if (frame.getClassName().startsWith("dev.memremap")) {
          text.append(" at ").append(frame);
        }
      }
      return new Outcome(refused, text.toString());
    }
  }

  /** Takes the heap, and gives so many of the smallest chunks back. */
  private static void takeAllBut(int steps) {
    for (int size = LARGEST; size >= SMALLEST; size /= 8) {
      try {
        while (true) {
          Object[] chunk = new Object[size];
          chunk[0] = hoard;
          hoard = chunk;
        }
      } catch (OutOfMemoryError e) {
        continue;
      }
    }
    for (int i = 0; i < steps && hoard != null; i++) {
      hoard = (Object[]) hoard[0];
    }
  }

  /** What locks this thread has, in words; null if it has none. */
  private static @Nullable String locked() {
    long[] self = {Thread.currentThread().threadId()};
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(self, true, true)[0];
    return info.getLockedMonitors().length == 0 && info.getLockedSynchronizers().length == 0
        ? null
        : "it holds %s and %s"
            .formatted(
                Arrays.toString(info.getLockedMonitors()),
                Arrays.toString(info.getLockedSynchronizers()));
  }
}
