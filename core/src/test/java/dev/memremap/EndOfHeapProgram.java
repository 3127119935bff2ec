// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.ref.Reference;
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

  /** How many references the largest chunks of the hoard have, and the others. */
  private static final int LARGE = 64 << 10;

  private static final int MIDDLE = 512;
  private static final int SMALL = 4;

  /** After so many calls in a row that found room, more room changes nothing. */
  private static final int ENOUGH = 30;

  /** What the chunk of a step takes. */
  private static final int STEP_BYTES = 24;

  /** The end of each chain of crumbs; there is one before the heap is full. */
  private static final Crumb NONE = new Crumb(null);

  /** What takes the heap: each chunk leads to the one before it. */
  private static Object @Nullable [] hoard;

  /** What takes the rest of it: each crumb leads to the one before it. */
  private static Crumb crumbs = NONE;

  /** As small as an object can be that leads to another: 16 bytes. */
  private record Crumb(@Nullable Crumb before) {}

  private EndOfHeapProgram() {}

  /**
   * Runs.
   *
   * @param args at how many fillings of the heap each call is made at most, and the calls' names
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

  private static boolean isWhole(HalfDoneCall call, int most) {
    // what is loaded and linked at the first call shall not be what finds no room
    for (int i = 0; i < 3; i++) {
      made(call, -1);
    }
    made(call, 0);
    int fillings = 0;
    int refused = 0;
    int inARow = 0;
    while (fillings < most && inARow < ENOUGH) {
      Outcome outcome = made(call, fillings);
      if (outcome.broken() != null) {
        System.out.printf(
            "%s: with %d bytes left, %s%n", call, fillings * STEP_BYTES, outcome.broken());
        return false;
      }
      refused += outcome.refused() ? 1 : 0;
      inARow = outcome.refused() ? 0 : inARow + 1;
      fillings++;
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
        giveBack();
        if (e.errno() != Errno.ENOMEM) {
          throw e;
        }
        refused = true;
      } finally {
        giveBack();
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

  /**
   * Takes the heap to its last object, but for so many steps of {@link #STEP_BYTES}.
   *
   * @throws OutOfMemoryError if the heap has no room for the steps
   */
  private static void takeAllBut(int steps) {
    // these are taken first and given back last: of what the hoard has, the last may be large
    Object @Nullable [] spare = null;
    for (int i = 0; i < steps; i++) {
      spare = new Object[] {spare, null};
    }
    // no loop over a list: its iterator would be rubbish, room for what comes after
    takeAll(LARGE);
    takeAll(MIDDLE);
    takeAll(SMALL);
    takeCrumbs();
    Reference.reachabilityFence(spare);
  }

  private static void takeAll(int size) {
    try {
      while (true) {
        Object[] chunk = new Object[size];
        chunk[0] = hoard;
        hoard = chunk;
      }
    } catch (OutOfMemoryError e) {
      // taken
    }
  }

  private static void takeCrumbs() {
    try {
      while (true) {
        crumbs = new Crumb(crumbs);
      }
    } catch (OutOfMemoryError e) {
      // taken
    }
  }

  private static void giveBack() {
    hoard = null;
    crumbs = NONE;
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
