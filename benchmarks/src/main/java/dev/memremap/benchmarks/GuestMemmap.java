// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.conformance.GuestException;
import dev.memremap.conformance.GuestKernel;
import dev.memremap.conformance.GuestUnavailableException;
import dev.memremap.conformance.KernelExecutor;
import dev.memremap.conformance.MemmapCost;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A page map of 256 MiB in a real kernel, timed by itself in a guest that is emulated in software.
 *
 * <p>Thread safety: immutable.
 */
record GuestMemmap() implements Probe {
  /** Making it. */
  static final String MADE = "made";

  /** Taking it apart. */
  static final String UNDONE = "taken apart";

  /** Its page structures. */
  static final String MEMMAP = "memmap";

  @Override
  public String name() {
    return "GuestMemmap";
  }

  @Override
  public List<Figure> measure(boolean quick) throws NotHere, IOException, InterruptedException {
    Optional<String> missing = KernelExecutor.whatIsMissing();
    if (missing.isPresent()) {
      throw new NotHere(missing.get());
    }
    try {
      MemmapCost cost = MemmapCost.of(GuestKernel.find());
      return List.of(
          new Figure(MADE, cost.makeNanos(), Unit.NANOSECONDS),
          new Figure(UNDONE, cost.undoNanos(), Unit.NANOSECONDS),
          new Figure(MEMMAP, cost.memmapBytes(), Unit.BYTES));
    } catch (GuestUnavailableException e) {
      throw new NotHere(String.valueOf(e.getMessage()));
    } catch (GuestException e) {
      throw new IOException(e);
    }
  }
}
