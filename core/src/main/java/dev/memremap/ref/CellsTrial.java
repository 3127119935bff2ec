// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.spi.Membarrier;
import java.util.Optional;

/**
 * Tries whether cells count exactly on this system: for some milliseconds, long enough to compile
 * the code, two threads add while a third closes, again and again. It finds a barrier without
 * effect, or a compiler that swaps a store and a load, if the mistake shows in that time; it proves
 * nothing more.
 */
final class CellsTrial {
  private static final long NANOS = 20_000_000;
  private static final int LEAST_ROUNDS = 50;

  private volatile ThreadCells cells;
  private volatile boolean over;

  private CellsTrial(ThreadCells cells) {
    this.cells = cells;
  }

  /**
   * Tries it.
   *
   * @return a sentence that says what failed; empty if nothing did
   */
  static Optional<String> fails(Membarrier membarrier) {
    try {
      CellsTrial trial = new CellsTrial(ThreadCells.open(membarrier));
      long difference = trial.run(membarrier);
      return difference == 0
          ? Optional.empty()
          : failure("cells lost or gained %d additions".formatted(difference));
    } catch (IllegalStateException e) {
      return failure(String.valueOf(e.getMessage()));
    } catch (OutOfMemoryError e) {
      return failure("its threads could not be started");
    }
  }

  private static Optional<String> failure(String what) {
    return Optional.of(
        "threads have no cells of their own: in the trial at the start, %s".formatted(what));
  }

  /** One that adds, and remembers what it was told. */
  private final class Adder implements Runnable {
    private final Thread thread =
        Thread.ofPlatform().daemon().name("memremap-percpu-trial").unstarted(this);
    private long counted;

    @Override
    public void run() {
      int slot = CellOwners.claim();
      long n = 1;
      while (!over && slot != CellOwners.NONE) {
        if (cells.add(slot, n)) {
          counted += n;
          n = 3 - n;
        }
      }
    }
  }

  /** What the adders counted and the sums do not have. */
  private long run(Membarrier membarrier) {
    Adder[] adders = {new Adder(), new Adder()};
    long sums = 0;
    try {
      for (Adder adder : adders) {
        adder.thread.start();
      }
      long begun = System.nanoTime();
      for (int i = 0; i < LEAST_ROUNDS || System.nanoTime() - begun < NANOS; i++) {
        ThreadCells closing = cells;
        cells = ThreadCells.open(membarrier);
        sums += closing.close();
      }
    } finally {
      over = true;
      for (Adder adder : adders) {
        join(adder.thread);
      }
    }
    for (Adder adder : adders) {
      sums -= adder.counted;
    }
    return cells.close() + sums;
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
