// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

/** A figure that the worker keeps in the state file, where every process reads it. */
public enum Counter {
  /** Faults for a missing page that were served. */
  FAULTS,
  /** First writes to a clean page. */
  FIRST_WRITES,
  /** Faults that told of a page that was there already. */
  REPEATED,
  /** Pages brought in before they were asked for. */
  READ_AHEAD,
  /** Pages brought in by a message: touched, pinned or preloaded. */
  FETCHED,
  /** Pages taken out of memory. */
  EVICTED,
  /** Pages written to the store. */
  WRITTEN,
  /** Bytes read from the store. */
  BYTES_READ,
  /** Bytes written to the store. */
  BYTES_WRITTEN,
  /** Times that the store did not answer a page. */
  OUTAGES,
  /** Pages that were poisoned. */
  POISONED_EVER,
  /** Poisoned pages that were healed. */
  HEALED,
  /** Pages that are poisoned now. */
  POISONED,
  /** Pages that are in memory now, or about to be. */
  RESIDENT,
  /** Pages in memory that the store does not have yet. */
  DIRTY,
  /** Pages that are pinned. */
  PINNED,
  /** Nanoseconds that the longest fault took. */
  LONGEST_STALL,
  /** Times that a worker took over from another. */
  TAKEOVERS,
  /** Nanoseconds from a worker's start of the last takeover to its end. */
  LAST_TAKEOVER
}
