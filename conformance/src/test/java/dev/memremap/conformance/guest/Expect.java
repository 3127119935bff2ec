// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.Arrays;
import java.util.Objects;

/** The few checks a step needs; emulated, a library for them would take longer than the steps. */
final class Expect {
  private Expect() {}

  static void that(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }

  static void equal(Object expected, Object actual, String what) {
    if (!Objects.equals(expected, actual)) {
      throw new AssertionError("%s: %s was expected, not %s".formatted(what, expected, actual));
    }
  }

  static void sameBytes(byte[] expected, byte[] actual, String what) {
    int differs = Arrays.mismatch(expected, actual);
    if (differs >= 0) {
      throw new AssertionError(
          "%s: byte %d of %d differs".formatted(what, differs, expected.length));
    }
  }

  static void contains(String text, String... parts) {
    for (String part : parts) {
      if (!text.contains(part)) {
        throw new AssertionError("'%s' was expected in: %s".formatted(part, text));
      }
    }
  }

  /** What is to be refused. */
  interface Call {
    Object run() throws Exception;
  }

  /** Returns the message of the refusal, which it also prints to the log. */
  static String refused(Errno errno, Rule rule, Call call) throws Exception {
    Object result;
    try {
      result = call.run();
    } catch (MemremapException e) {
      System.out.println("  refused: " + e.getMessage());
      equal(errno, e.errno(), e.getMessage());
      equal(rule, e.rule(), e.getMessage());
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("it was not refused, but gave " + result);
  }
}
