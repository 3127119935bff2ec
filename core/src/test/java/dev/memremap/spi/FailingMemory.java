// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.resource.PhysRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Memory that fails when told to, for tests of what comes after a failed mapping: that nothing of
 * the call is left.
 *
 * <p>Thread safety: safe for use by many threads.
 */
public final class FailingMemory extends ForwardingMemory {
  private final Map<Integer, Supplier<? extends RuntimeException>> failures = new HashMap<>();
  private final List<MemorySegment> mapped = new ArrayList<>();
  private int calls;
  private boolean closed;

  /** Delegates to this memory what shall not fail. */
  public FailingMemory(PhysicalMemory memory) {
    super(memory);
  }

  /**
   * Makes one call of {@link #map} fail.
   *
   * @param nth which, counted from 1 since this object was made
   * @param failure what it throws
   */
  public synchronized void failMap(int nth, Supplier<? extends RuntimeException> failure) {
    if (nth <= calls) {
      throw new IllegalArgumentException(
          "call %d of map was already made, of %d".formatted(nth, calls));
    }
    failures.put(nth, failure);
  }

  /** Makes the next call of {@link #map} fail. */
  public synchronized void failNextMap(Supplier<? extends RuntimeException> failure) {
    failMap(calls + 1, failure);
  }

  /** How many calls of {@link #map} there were, failed ones included. */
  public synchronized int mapCalls() {
    return calls;
  }

  /** How many mappings are open: made here, and their arenas not closed. */
  public synchronized int openMappings() {
    mapped.removeIf(segment -> !segment.scope().isAlive());
    return mapped.size();
  }

  /** Whether {@link #close()} was called. */
  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
    calls++;
    Supplier<? extends RuntimeException> failure = failures.remove(calls);
    if (failure != null) {
      throw failure.get();
    }
    MappedBytes bytes = super.map(range, path, arena);
    mapped.add(bytes.segment());
    return bytes;
  }

  @Override
  public synchronized void close() {
    closed = true;
    super.close();
  }
}
