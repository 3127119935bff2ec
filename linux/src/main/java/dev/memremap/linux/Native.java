// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import java.util.Locale;

/** The door to the C library, opened at its first use, with the refusals if it cannot be opened. */
final class Native {
  private Native() {}

  /** Made at the first use. */
  private static final class Door {
    static final Syscalls CALLS = new NativeSyscalls();
  }

  /**
   * The door.
   *
   * @throws UnsupportedOperationException if the system is not Linux, or the JVM denies native
   *     calls
   */
  static Syscalls calls() {
    requireLinux();
    try {
      return Door.CALLS;
    } catch (ExceptionInInitializerError | NoClassDefFoundError denied) {
      throw new UnsupportedOperationException(
          "real memory is reached by native calls, which this JVM was told to deny; start it with --enable-native-access=dev.memremap.linux (ALL-UNNAMED on the class path)",
          denied);
    }
  }

  /**
   * Checks the system.
   *
   * @throws UnsupportedOperationException if it is not Linux
   */
  static void requireLinux() {
    requireLinux(System.getProperty("os.name", "an unknown system"));
  }

  static void requireLinux(String system) {
    if (!system.toLowerCase(Locale.ROOT).contains("linux")) {
      throw new UnsupportedOperationException(
          "real memory is reached on Linux, and this is %s; use a simulated machine here"
              .formatted(system));
    }
  }
}
