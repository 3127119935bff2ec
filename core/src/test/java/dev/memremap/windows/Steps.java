// SPDX-License-Identifier: Apache-2.0
package dev.memremap.windows;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where {@link SteppedClasses} has put a call before a step: the place has a number and a name.
 *
 * <p>Thread safety: {@code NAMES} is guarded by itself. One run is explored at a time.
 */
public final class Steps {
  private static final List<String> NAMES = new ArrayList<>();
  private static volatile @Nullable Window open;

  private Steps() {}

  /** A new place. */
  static int place(String name) {
    synchronized (NAMES) {
      NAMES.add(name);
      return NAMES.size() - 1;
    }
  }

  static String name(int place) {
    synchronized (NAMES) {
      return NAMES.get(place);
    }
  }

  static void watch(@Nullable Window window) {
    open = window;
  }

  /** Called before each step. */
  public static void here(int place) {
    Window window = open;
    if (window != null) {
      window.step(place);
    }
  }
}
