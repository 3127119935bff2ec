// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.StoreException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Asks a store again for pages that it did not give: those of one group, which most likely come
 * back at the same time. It ends when none has been waited for some time.
 *
 * <p>Thread safety: one thread's.
 */
final class OutageAsker implements Runnable {
  private static final long PAUSE_MILLIS = 100;

  private final Pager pager;
  private final String group;
  private final Fetch fetch;

  OutageAsker(Pager pager, String group) {
    this.pager = pager;
    this.group = group;
    this.fetch = new Fetch(pager, 1);
  }

  @Override
  public void run() {
    fetch.begin();
    try {
      List<WaitingPage> pages = pager.outages().await(group);
      while (!pages.isEmpty() && !pager.isStopping()) {
        askAll(pages);
        Thread.sleep(PAUSE_MILLIS);
        pages = pager.outages().await(group);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      pager.failed(e);
    } finally {
      fetch.end();
    }
  }

  /** Asks for each, but no node twice that did not answer: a page may be another node's by now. */
  private void askAll(List<WaitingPage> pages) throws SyscallException {
    Set<String> lost = new HashSet<>();
    for (WaitingPage of : pages) {
      String node = pager.store().nodeOf(of.page);
      if (lost.contains(node)) {
        continue;
      }
      if (!hasRoom(of)) {
        return;
      }
      boolean poisoned = pager.outages().asks(of);
      StoreException why = fetch.bring(of.page, 1, of.isWrite && !poisoned, of.since);
      if (why == null) {
        pager.outages().came(of);
        pager.served(System.nanoTime() - of.since);
        continue;
      }
      pager.table().outage(of.page);
      pager.outages().cameNot(of, why);
      if (why.kind() != StoreException.Kind.DAMAGED) {
        lost.add(node);
      }
    }
  }

  private boolean hasRoom(WaitingPage of) throws SyscallException {
    return pager.table().resume(of.page)
        || (fetch.eviction().evict(1, false) > 0 && pager.table().resume(of.page));
  }
}
