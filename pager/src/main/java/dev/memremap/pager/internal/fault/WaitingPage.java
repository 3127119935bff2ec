// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.store.StoreException;

/**
 * A page that the store does not give, and since when it is waited for.
 *
 * <p>Thread safety: {@link Outages} guards what is not final.
 */
final class WaitingPage {
  final int page;
  final boolean isWrite;

  /** As {@link System#nanoTime} counts. */
  final long since;

  /** By whose thread it is asked for. */
  String group = "";

  StoreException why;
  boolean poisoned;

  /** Whether the store is being asked for it. */
  boolean asked;

  WaitingPage(int page, boolean isWrite, long since, StoreException why, boolean poisoned) {
    this.page = page;
    this.isWrite = isWrite;
    this.since = since;
    this.why = why;
    this.poisoned = poisoned;
  }
}
