// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.teardown;

import java.lang.System.Logger.Level;

/**
 * The log of the library, under the name {@code dev.memremap}. It is called while no lock of the
 * library is held, for a logger is a user's code and may take locks of its own.
 */
public final class Log {
  private Log() {}

  /**
   * Writes a warning. A logger that throws does not end what was being done: its failure is
   * dropped.
   */
  @SuppressWarnings("EmptyCatch")
  public static void warn(String sentence) {
    try {
      // asked for only here: a logger costs a short-lived command more than the rest of its start
      System.getLogger("dev.memremap").log(Level.WARNING, sentence);
    } catch (Throwable e) {
      // it can be reported nowhere else
    }
  }

  /**
   * Writes a warning in a thread of its own, which the JVM waits for: for a caller that may hold a
   * lock. Where no thread can be started, it is left out.
   */
  @SuppressWarnings("EmptyCatch")
  public static void warnSoon(String sentence) {
    try {
      Thread.ofPlatform().daemon(false).name("memremap-log").start(() -> warn(sentence));
    } catch (OutOfMemoryError noThread) {
      // no reason to fail what was being done
    }
  }
}
