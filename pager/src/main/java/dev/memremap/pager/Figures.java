// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.StateFile;
import java.time.Duration;

/** Reads the figures of a memory from its state. */
final class Figures {
  private Figures() {}

  static RemoteMemoryFigures of(StateFile state) {
    return new RemoteMemoryFigures(
        state.get(Counter.RESIDENT),
        state.get(Counter.DIRTY),
        state.get(Counter.PINNED),
        state.get(Counter.POISONED),
        state.get(Counter.FAULTS),
        state.get(Counter.FIRST_WRITES),
        state.get(Counter.READ_AHEAD),
        state.get(Counter.FETCHED),
        state.get(Counter.EVICTED),
        state.get(Counter.WRITTEN),
        state.get(Counter.BYTES_READ),
        state.get(Counter.BYTES_WRITTEN),
        state.get(Counter.OUTAGES),
        state.get(Counter.POISONED_EVER),
        state.get(Counter.HEALED),
        Duration.ofNanos(state.get(Counter.LONGEST_STALL)),
        state.get(Counter.TAKEOVERS),
        Duration.ofNanos(state.get(Counter.LAST_TAKEOVER)));
  }
}
