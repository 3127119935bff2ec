// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import java.time.Duration;

/** Does again what an outage refuses, for as long as a cluster may take to come right. */
final class Patience {
  private static final Duration MOST = Duration.ofSeconds(60);

  private Patience() {}

  /** What an outage may refuse. */
  interface Step<T> {
    T run() throws StoreException;
  }

  /** Returns what the first step returns that is not refused; throws what the last one threw. */
  static <T> T until(Step<T> step) throws StoreException {
    Deadline deadline = Deadline.in(MOST);
    while (true) {
      try {
        return step.run();
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.OUTAGE || deadline.isPast()) {
          throw e;
        }
      }
    }
  }
}
