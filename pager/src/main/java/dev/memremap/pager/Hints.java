// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.internal.link.WorkerLink;
import java.util.concurrent.Semaphore;

/**
 * Advice that a worker follows when it gets to it. What is asked for must not wait behind any
 * number of hints, and what is under way takes memory, so there is a limit.
 *
 * <p>Thread safety: all methods may be called from any thread; {@code free} counts what may be
 * given before the worker has done any.
 */
final class Hints {
  private static final int MOST = 256;

  private final WorkerLink link;
  private final Semaphore free = new Semaphore(MOST);

  Hints(WorkerLink link) {
    this.link = link;
  }

  /**
   * Gives one to whichever worker there is, and to the next one if it has not been followed by
   * then; drops it if the limit is reached.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for it
  void give(Operation operation, PinnedRange range) {
    if (free.tryAcquire()) {
      link.ask(operation, range.first(), range.count(), "", reply -> free.release());
    }
  }
}
