// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.teardown;

/** What a thread is called in a sentence. */
public final class ThreadName {
  private ThreadName() {}

  /** Its name, or {@code #} and its id if it has none, as most virtual threads. */
  public static String of(Thread thread) {
    return thread.getName().isEmpty() ? "#" + thread.threadId() : thread.getName();
  }
}
