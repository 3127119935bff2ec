// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import dev.memremap.Machine;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.net.URL;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The locks of the library that the current thread holds. The JVM knows every monitor that a thread
 * entered, with the method that did, and every lock of {@code java.util.concurrent} that it owns;
 * so none has to be listed, and a new one cannot be forgotten.
 */
final class HeldLocks {
  private HeldLocks() {}

  /** A line for each. */
  static List<String> ofTheLibrary() {
    ThreadInfo thread =
        ManagementFactory.getThreadMXBean()
            .getThreadInfo(new long[] {Thread.currentThread().threadId()}, true, true)[0];
    List<String> held = new ArrayList<>();
    for (MonitorInfo monitor : thread.getLockedMonitors()) {
      StackTraceElement place = monitor.getLockedStackFrame();
      if (isOfTheLibrary(place.getClassName())) {
        held.add(monitor.getClassName() + " entered by " + place);
      }
    }
    for (LockInfo lock : thread.getLockedSynchronizers()) {
      if (lock.getClassName().startsWith("java.util.concurrent.locks.")) {
        held.add(lock.getClassName());
      }
    }
    return held;
  }

  /** Whether a class lies where the library's classes lie, and not with its tests. */
  private static boolean isOfTheLibrary(String name) {
    try {
      Class<?> type = Class.forName(name, false, HeldLocks.class.getClassLoader());
      return name.startsWith("dev.memremap.") && Objects.equals(place(type), place(Machine.class));
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static URL place(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source == null ? null : source.getLocation();
  }
}
