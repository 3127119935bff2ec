// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.pages.Pagemaps;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.internal.teardown.TeardownTurn;
import dev.memremap.rule.Rule;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Closes everything of a machine, whatever fails on the way.
 *
 * <pre>
 *   devices, newest first ─► page maps of no device ─► mappings ─► registers ─► all page maps
 *     ─► the direct map ─► the memory
 * </pre>
 *
 * <p>Thread safety: {@code closed} belongs to the thread that has the turn, and each thread that
 * gets it sees what the one before wrote. {@code over} is volatile, and set once. No lock is held
 * while a step runs.
 */
final class MachineTeardown {
  private final AddressSpace space;
  private final Pagemaps pagemaps;
  private final Mapping.Live mappings;
  private final LiveRegisters registers;
  private final boolean strict;
  private final TeardownTurn turn = new TeardownTurn(TeardownTurn.Of.MACHINE, "the machine");
  private boolean closed;
  private volatile boolean over;

  /**
   * The teardown of a machine's parts.
   *
   * @param strict whether to throw what was left open, instead of logging it
   */
  MachineTeardown(
      AddressSpace space,
      Pagemaps pagemaps,
      Mapping.Live mappings,
      LiveRegisters registers,
      boolean strict) {
    this.space = space;
    this.pagemaps = pagemaps;
    this.mappings = mappings;
    this.registers = registers;
    this.strict = strict;
  }

  /**
   * Closes everything, once. A close inside another one, by a driver's action, does nothing.
   *
   * @param devices releases the devices with the patience that it is given
   * @param limited how long to wait for holders of page maps; null does not wait
   */
  void close(Consumer<Patience> devices, @Nullable Patience limited) {
    if (limited == null) {
      // another close or a release that waits for a holder goes on
      pagemaps.beginClose();
    }
    Patience patience = limited == null ? Patience.unlimited() : limited;
    if (!turn.begin(patience)) {
      return;
    }
    try {
      if (!closed) {
        closeAll(devices, patience, limited);
      }
    } finally {
      turn.end();
    }
  }

  private void closeAll(Consumer<Patience> devices, Patience patience, @Nullable Patience limited) {
    Failures failures = new Failures();
    Leaks leaks = new Leaks();
    try {
      devices.accept(patience);
    } catch (Throwable e) {
      failures.add(e);
    }
    try {
      if (strict) {
        leaks.addMapped(mappings.all(), registers, pagemaps.table().lives());
      } else {
        mappings.warnOfLeaks();
      }
    } catch (Throwable e) {
      failures.add(e);
    }
    try {
      if (limited != null) {
        pagemaps.unmapUnmanaged(limited);
      }
    } catch (Throwable e) {
      failures.add(e);
    }
    closeRest(failures);
    over = true;
    try {
      if (strict) {
        leaks.addHeld(pagemaps.table().lives());
      }
      closed = failures.first() == null;
      leaks.rethrow();
    } catch (Throwable e) {
      failures.add(e);
    }
    failures.rethrow();
  }

  /**
   * LIB-5: throws if the machine is closed, even if part of it could not be closed and the close
   * can be repeated.
   *
   * @throws IllegalStateException if a close has gone over all of it
   */
  void requireNotClosed() {
    if (over) {
      throw closed();
    }
  }

  /** LIB-5: what a closed machine answers. */
  static IllegalStateException closed() {
    return new IllegalStateException(
        "the machine is closed; make another one [" + Rule.LIB_5.id() + "]");
  }

  /** Each step is caught where it stands: a lambda would need room in a heap that may be full. */
  private void closeRest(Failures failures) {
    try {
      pagemaps.beginClose();
    } catch (Throwable e) {
      failures.add(e);
    }
    closeMappings(failures);
    closeRegisters(failures);
    try {
      pagemaps.close();
    } catch (Throwable e) {
      failures.add(e);
    }
    try {
      space.directMap().close();
    } catch (Throwable e) {
      failures.add(e);
    }
    try {
      space.close();
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  private void closeMappings(Failures failures) {
    try {
      for (Mapping mapping : mappings.all()) {
        try {
          mapping.close();
        } catch (Throwable e) {
          failures.add(e);
        }
      }
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  private void closeRegisters(Failures failures) {
    try {
      for (IoMemory each : registers.all()) {
        try {
          each.close();
        } catch (Throwable e) {
          failures.add(e);
        }
      }
    } catch (Throwable e) {
      failures.add(e);
    }
  }
}
