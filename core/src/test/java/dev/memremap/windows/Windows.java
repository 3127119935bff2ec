// SPDX-License-Identifier: Apache-2.0
package dev.memremap.windows;

import dev.memremap.Machine;
import java.lang.reflect.Constructor;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Opens every window of an operation, one a run: so it meets a fault that wants one switch of
 * threads at one place, and meets it every time.
 */
public final class Windows {
  private static final CompiledLibrary LIBRARY = CompiledLibrary.of(Machine.class);

  private final SteppedClasses classes;
  private final Meanwhile other = new Meanwhile();

  private Windows(SteppedClasses classes) {
    this.classes = classes;
  }

  /**
   * Windows between the steps of these classes of the library.
   *
   * @param names their simple names, each of exactly one top-level class; it does not matter in
   *     which package
   * @throws IllegalArgumentException if no class has this name, or several have
   */
  public static Windows in(String... names) {
    Set<String> stepped = new HashSet<>();
    for (String name : names) {
      stepped.add(LIBRARY.named(name));
    }
    return new Windows(new SteppedClasses(stepped::contains));
  }

  /**
   * Runs a race once for each window.
   *
   * @param argument for the constructor; null for one without a parameter
   * @return how many windows were opened
   * @throws AssertionError naming the window in which something went wrong
   */
  public int openAll(Class<? extends Race> race, @Nullable String argument) throws Exception {
    Callable<Race> maker = maker(race, argument);
    for (int at = 0; ; at++) {
      if (!openOne(maker, at)) {
        return at;
      }
    }
  }

  private Callable<Race> maker(Class<? extends Race> race, @Nullable String argument)
      throws ReflectiveOperationException {
    Class<? extends Race> again = classes.loadClass(race.getName()).asSubclass(Race.class);
    Constructor<? extends Race> constructor =
        argument == null
            ? again.getDeclaredConstructor()
            : again.getDeclaredConstructor(String.class);
    constructor.setAccessible(true);
    return () -> argument == null ? constructor.newInstance() : constructor.newInstance(argument);
  }

  private boolean openOne(Callable<Race> maker, int at) throws Exception {
    try (Race race = maker.call()) {
      Window window =
          new Window(
              at,
              other,
              () -> {
                race.meanwhile();
                return null;
              });
      try {
        Steps.watch(window);
        try {
          race.operation();
        } finally {
          Steps.watch(null);
        }
        if (!window.wasOpened()) {
          return false;
        }
        other.finish();
        race.check();
      } catch (Exception | AssertionError e) {
        throw new AssertionError(window + ": " + e.getMessage(), e);
      }
      return true;
    }
  }
}
