// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The first thing that did not hold. */
final class Violations {
  private final AtomicReference<@Nullable String> first = new AtomicReference<>();

  void add(String what) {
    first.compareAndSet(null, what);
  }

  void add(String where, Throwable thrown) {
    StackTraceElement[] trace = thrown.getStackTrace();
    add("%s met %s at %s".formatted(where, thrown, trace.length == 0 ? "?" : trace[0]));
  }

  @Nullable String first() {
    return first.get();
  }
}
