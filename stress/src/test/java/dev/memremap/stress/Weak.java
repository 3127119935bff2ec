// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/** What {@link Weakening} puts in the place of an atomic operation. Called by weakened classes. */
public final class Weak {
  /**
   * Written before each store. Lincheck switches threads where it sees a field, and it does not see
   * the one that a VarHandle leads to.
   */
  private static volatile int before;

  private Weak() {}

  /** A store of an object that should have been a compare-and-set. */
  public static boolean store(VarHandle field, Object of, Object expected, Object value) {
    before = 1;
    field.set(of, value);
    return true;
  }

  /** A store of a number that should have been a compare-and-set. */
  public static boolean store(VarHandle field, Object of, long offset, long expected, long value) {
    before = 1;
    field.set(of, offset, value);
    return true;
  }

  /** An addition in two steps. */
  public static long increment(AtomicLong number) {
    long incremented = number.get() + 1;
    number.set(incremented);
    return incremented;
  }
}
