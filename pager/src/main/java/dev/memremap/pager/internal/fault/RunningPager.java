// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.internal.link.Request;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.NodeFigures;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreFact;
import java.util.concurrent.locks.LockSupport;

/**
 * A pager that serves faults, as its process sees it: asked for things, and ended.
 *
 * <p>Thread safety: {@link #answer} may be called from any thread, and each has what it brings
 * pages in by; the others are the process's own thread's. {@code pinnedBefore} is volatile, and
 * forgotten when the application has named its pins.
 */
public final class RunningPager {
  private final Pager pager;
  private final Residence residence;
  private final Flush flush;
  private final ThreadLocal<Fetch> fetches;
  private volatile int[] pinnedBefore;

  RunningPager(Pager pager, int[] pinnedBefore) {
    this.pager = pager;
    this.pinnedBefore = pinnedBefore;
    this.residence = new Residence(pager);
    this.flush = new Flush(pager);
    this.fetches = ThreadLocal.withInitial(this::fetch);
  }

  private Fetch fetch() {
    Fetch mine = new Fetch(pager);
    mine.begin();
    return mine;
  }

  /** Does what is asked. */
  public Reply answer(Request request) {
    String outside = request.outside(pager.table().pages());
    if (outside != null) {
      return Reply.refused(request, -1, outside);
    }
    try {
      return answered(request);
    } catch (Residence.RefusedException e) {
      return Reply.refused(request, e.page(), String.valueOf(e.getMessage()));
    } catch (StoreException e) {
      return Reply.refused(request, (int) e.page().orElse(-1), String.valueOf(e.getMessage()));
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return Reply.refused(request, -1, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reply.refused(request, -1, "the pager is ending");
    } catch (SyscallException | RuntimeException | Error e) {
      pager.failed(e);
      return Reply.refused(request, -1, String.valueOf(e.getMessage()));
    }
  }

  private Reply answered(Request request)
      throws SyscallException, StoreException, InterruptedException, Residence.RefusedException {
    int first = request.first();
    int count = request.count();
    return switch (request.operation()) {
      case PIN -> pin(request, first, count);
      case HELD -> {
        residence.hold(first, count);
        yield Reply.done(request);
      }
      case UNPIN -> {
        residence.unpin(first, count);
        yield Reply.done(request);
      }
      case PINS_NAMED -> {
        residence.forgetUnclaimed(pinnedBefore);
        pinnedBefore = new int[0];
        yield Reply.done(request);
      }
      case PRELOAD -> Reply.done(request, residence.preload(fetches.get(), first, count));
      case READ_AHEAD, NO_READ_AHEAD -> {
        boolean isAhead = request.operation() == Request.Operation.READ_AHEAD;
        pager.readAheadParts().set(first, count, isAhead);
        yield Reply.done(request);
      }
      case SEND_OUT -> {
        residence.sendOut(fetches.get(), first, count);
        yield Reply.done(request);
      }
      case FLUSH, CLOSE -> {
        flush.all();
        yield Reply.done(request);
      }
      case ABANDON -> Reply.done(request);
      case SNAPSHOT -> {
        flush.all();
        yield Reply.done(request, pager.store().snapshot(request.text()).uri().toString());
      }
      case WHY -> {
        String why = pager.outages().why(first);
        yield Reply.done(request, why == null ? "" : why);
      }
      case STORE -> Reply.done(request, StoreFact.text(pager.store().facts()));
      case NODES -> Reply.done(request, NodeFigures.text(pager.store().nodes()));
      case LATENCIES -> Reply.done(request, pager.latencies().at(request.text()));
    };
  }

  private Reply pin(Request request, int first, int count)
      throws SyscallException, InterruptedException, Residence.RefusedException {
    residence.pin(first, count);
    boolean came = false;
    try {
      residence.bring(fetches.get(), first, count);
      came = true;
      return Reply.done(request);
    } finally {
      if (!came) {
        residence.unpin(first, count);
      }
    }
  }

  /**
   * The application has died: sends to the store what it does not have, as long as it takes.
   *
   * @param mostMillis how long it is tried
   */
  public void flushAfterDeath(long mostMillis) throws SyscallException, InterruptedException {
    long until = System.nanoTime() + mostMillis * 1_000_000;
    while (true) {
      try {
        flush.all();
        return;
      } catch (StoreException e) {
        if (System.nanoTime() > until) {
          pager.failed(e);
          return;
        }
        LockSupport.parkNanos(100_000_000);
      }
    }
  }

  /** Ends its threads, and gives up the store. */
  public void end() {
    pager.stop();
    pager.store().close();
  }
}
