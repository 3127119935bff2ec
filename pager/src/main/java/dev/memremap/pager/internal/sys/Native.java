// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.sys;

import java.util.Locale;

/** The door to the C library, opened at its first use, with the refusals if it cannot be opened. */
public final class Native {
  private Native() {}

  /** Made at the first use. */
  private static final class Door {
    static final Syscalls CALLS = new NativeSyscalls();
  }

  /**
   * The door.
   *
   * @throws UnsupportedOperationException if the system is not Linux on a processor of 64 bits, or
   *     the JVM denies native calls
   */
  public static Syscalls calls() {
    String system = System.getProperty("os.name", "an unknown system");
    if (!system.toLowerCase(Locale.ROOT).contains("linux")) {
      throw new UnsupportedOperationException(
          "remote memory needs userfaultfd, which Linux has, and this is " + system);
    }
    try {
      return Door.CALLS;
    } catch (ExceptionInInitializerError | NoClassDefFoundError denied) {
      throw new UnsupportedOperationException(
          "remote memory is served by native calls, which this JVM was told to deny; start it with --enable-native-access=dev.memremap.pager (ALL-UNNAMED on the class path)",
          denied);
    }
  }
}
