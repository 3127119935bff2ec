// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testkit;

import dev.memremap.Machine;
import dev.memremap.rule.MemremapException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/**
 * The machines that were handed to one test, or to the methods for all tests of a class. They are
 * closed after the test's own methods; or by JUnit's store, if the test's instance could not be
 * made.
 *
 * <p>Thread safety: {@code byName} and {@code newestFirst} are guarded by {@code this}.
 */
final class HandedMachines implements AutoCloseable {
  private static final Namespace STORE = Namespace.create(HandedMachines.class);

  private final Map<Object, Machine> byName = new HashMap<>();
  private final Deque<Machine> newestFirst = new ArrayDeque<>();

  /**
   * The machine of this name for the test or class of the context; made when it is first asked for.
   *
   * @param name distinguishes it from the test's other machines
   */
  static Machine machine(
      ParameterContext parameter, ExtensionContext context, Object name, Supplier<Machine> made) {
    try {
      return context
          .getStore(STORE)
          .computeIfAbsent(key(context), absent -> new HandedMachines(), HandedMachines.class)
          .machine(name, made);
    } catch (IllegalArgumentException | UncheckedIOException | MemremapException e) {
      throw new ParameterResolutionException(
          "no machine for %s: %s".formatted(parameter.getParameter(), e.getMessage()), e);
    }
  }

  /**
   * Closes the machines of the test or class of the context.
   *
   * @throws dev.memremap.LeakException if something was left open
   */
  static void close(ExtensionContext context) {
    HandedMachines handed = context.getStore(STORE).get(key(context), HandedMachines.class);
    if (handed != null) {
      handed.close();
    }
  }

  /**
   * A store looks a key up in those around it, too, and a test has none of its class's machines.
   */
  private static Object key(ExtensionContext context) {
    return List.of(HandedMachines.class, context.getUniqueId());
  }

  private synchronized Machine machine(Object name, Supplier<Machine> made) {
    Machine there = byName.get(name);
    if (there == null) {
      there = made.get();
      byName.put(name, there);
      newestFirst.push(there);
    }
    return there;
  }

  @Override
  public synchronized void close() {
    @Nullable Throwable failure = null;
    while (!newestFirst.isEmpty()) {
      try {
        newestFirst.pop().close();
      } catch (Throwable e) {
        // an action of the test's may throw an Error, which must not hide what was left open
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      HandedMachines.<RuntimeException>raise(failure);
    }
  }

  /** The compiler takes T for a RuntimeException, so an Error passes, too. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void raise(Throwable failure) throws T {
    throw (T) failure;
  }
}
