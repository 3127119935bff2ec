// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.event;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Role;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;

/**
 * A remote memory of this process that flight recordings tell of. What happens to it happens in the
 * worker, so its counters are looked at once a second, and only while something records.
 *
 * <p>Thread safety: {@code this} guards what was seen last. {@link #close} may be called at any
 * time.
 */
public final class Recorded implements AutoCloseable {
  private static final Set<Recorded> ALL = ConcurrentHashMap.newKeySet();

  static {
    // told when a recorder is there, which may be never; asking for one would make it
    FlightRecorder.addListener(new Begin());
  }

  private final StateFile state;
  private final String store;
  private long takeovers;
  private long outages;
  private long poisoned;
  private long healed;

  /** Begins to look when something records. */
  private static final class Begin implements FlightRecorderListener {
    @Override
    public void recorderInitialized(FlightRecorder recorder) {
      ALL.forEach(Recorded::setOut);
      FlightRecorder.addPeriodicEvent(PagerEvent.class, Recorded::lookAtAll);
    }
  }

  private Recorded(StateFile state) {
    this.state = state;
    this.store = state.settings().shown().toString();
  }

  /** Tells of a memory from now on, until it is closed. */
  public static Recorded begin(StateFile state) {
    Recorded begun = new Recorded(state);
    begun.setOut();
    ALL.add(begun);
    return begun;
  }

  /** A memory was refused. The caller has asked whether something records. */
  public static void refused(String store, long page, String reason) {
    RefusedEvent event = new RefusedEvent();
    event.store = store;
    event.page = page;
    event.reason = reason;
    event.commit();
  }

  private synchronized void setOut() {
    takeovers = state.get(Counter.TAKEOVERS);
    outages = state.get(Counter.OUTAGES);
    poisoned = state.get(Counter.POISONED_EVER);
    healed = state.get(Counter.HEALED);
  }

  private static void lookAtAll() {
    for (Recorded each : ALL) {
      try {
        each.look();
      } catch (IllegalStateException e) {
        // it was closed meanwhile
      }
    }
  }

  private synchronized void look() {
    figures();
    long more = state.get(Counter.TAKEOVERS) - takeovers;
    takeovers += more;
    if (more > 0) {
      TakeoverEvent event = new TakeoverEvent();
      event.store = store;
      event.worker = state.process(Role.WORKER);
      event.times = more;
      event.took = state.get(Counter.LAST_TAKEOVER);
      event.commit();
    }
    more = state.get(Counter.OUTAGES) - outages;
    outages += more;
    if (more > 0) {
      OutageEvent event = new OutageEvent();
      event.store = store;
      event.times = more;
      event.commit();
    }
    more = state.get(Counter.POISONED_EVER) - poisoned;
    poisoned += more;
    if (more > 0) {
      PoisonedEvent event = new PoisonedEvent();
      event.store = store;
      event.pages = more;
      event.poisoned = state.get(Counter.POISONED);
      event.commit();
    }
    more = state.get(Counter.HEALED) - healed;
    healed += more;
    if (more > 0) {
      HealedEvent event = new HealedEvent();
      event.store = store;
      event.pages = more;
      event.poisoned = state.get(Counter.POISONED);
      event.commit();
    }
  }

  private void figures() {
    PagerEvent event = new PagerEvent();
    event.store = store;
    event.resident = state.get(Counter.RESIDENT);
    event.dirty = state.get(Counter.DIRTY);
    event.pinned = state.get(Counter.PINNED);
    event.poisoned = state.get(Counter.POISONED);
    event.faults = state.get(Counter.FAULTS);
    event.evicted = state.get(Counter.EVICTED);
    event.written = state.get(Counter.WRITTEN);
    event.longestStall = state.get(Counter.LONGEST_STALL);
    event.commit();
  }

  @Override
  public void close() {
    ALL.remove(this);
  }
}
