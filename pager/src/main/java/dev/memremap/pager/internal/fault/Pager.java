// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.ReadAheadParts;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.PageStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The driver that serves a memory's faults: what its threads share.
 *
 * <p>Thread safety: all methods may be called from any thread. All that is here is final, or its
 * own guard.
 */
final class Pager {
  /** So many faults can wait for the store at once. */
  private static final int SERVERS_MOST = 32;

  private final StateFile state;
  private final FaultedMemory memory;
  private final PageStore store;
  private final Consumer<Throwable> failures;
  private final PageTable table;
  private final DevicePages device;
  private final LostNodes lostNodes;
  private final Outages outages;
  private final ReadAheadParts readAheadParts = new ReadAheadParts();
  private final ReadAhead readAhead;
  private final Evictor evictor;
  private final List<Fetch> fetches = new CopyOnWriteArrayList<>();
  private final List<Eviction> evictions = new CopyOnWriteArrayList<>();
  private final List<FaultServer> servers = new CopyOnWriteArrayList<>();
  private final Lead lead = new Lead(this::startServer);
  private final Latencies latencies = new Latencies();
  private volatile boolean stopping;

  /**
   * @param device what {@link DevicePages} was made for, which takes a while
   * @param failures told of what ends this worker
   */
  Pager(
      StateFile state,
      FaultedMemory memory,
      PageStore store,
      DevicePages device,
      Consumer<Throwable> failures) {
    this.state = state;
    this.memory = memory;
    this.store = store;
    this.device = device;
    this.failures = failures;
    Settings settings = state.settings();
    this.table = new PageTable(state, memory);
    this.readAhead = new ReadAhead(Math.min(ReadAhead.MOST, settings.residentPages() / 4));
    this.lostNodes = new LostNodes(store);
    this.outages = new Outages(this, settings);
    this.evictor = new Evictor(this);
  }

  /** Starts its threads. */
  void start() {
    start("evictor", evictor);
    start("watch", new Watch(this));
    start("settler", new Settler(this));
    startServer();
  }

  /** Starts one more thread that serves faults, if there may be more. */
  private void startServer() {
    synchronized (servers) {
      if (!stopping && servers.size() < SERVERS_MOST) {
        FaultServer server = new FaultServer(this);
        servers.add(server);
        start("faults " + servers.size(), server);
      }
    }
  }

  /** Starts a thread of the pager's. */
  static void start(String name, Runnable run) {
    Thread.ofPlatform().name("memremap pager: " + name).daemon().start(run);
  }

  StateFile state() {
    return state;
  }

  FaultedMemory memory() {
    return memory;
  }

  PageStore store() {
    return store;
  }

  PageTable table() {
    return table;
  }

  DevicePages device() {
    return device;
  }

  LostNodes lostNodes() {
    return lostNodes;
  }

  Outages outages() {
    return outages;
  }

  ReadAheadParts readAheadParts() {
    return readAheadParts;
  }

  ReadAhead readAhead() {
    return readAhead;
  }

  /** What is brought in, by each thread that brings pages in. */
  List<Fetch> fetches() {
    return fetches;
  }

  /** Which of those that serve faults is told of the next ones. */
  Lead lead() {
    return lead;
  }

  List<FaultServer> servers() {
    return servers;
  }

  /** A new thread's way to take pages out. */
  Eviction eviction() {
    return eviction(false);
  }

  /**
   * A new thread's way to take pages out.
   *
   * @param tries whether it is the one that tries lost nodes again
   */
  Eviction eviction(boolean tries) {
    Eviction made = new Eviction(this, tries);
    evictions.add(made);
    return made;
  }

  /** What is taken out, by each thread that takes pages out. */
  List<Eviction> evictions() {
    return evictions;
  }

  /** Adds to a figure. */
  void count(Counter counter, long more) {
    state.add(counter, more);
  }

  /** A fault was served. */
  void served(long nanos) {
    latencies.record(nanos);
    state.raise(Counter.LONGEST_STALL, nanos);
  }

  /** How long faults took since this worker began. */
  Latencies latencies() {
    return latencies;
  }

  /** Wakes the evictor if there is little room. */
  void wakeEvictor() {
    evictor.look();
  }

  /** Ends its threads, those that wait for a fault when the next one comes. */
  void stop() {
    stopping = true;
  }

  boolean isStopping() {
    return stopping;
  }

  /** Something failed that this worker cannot go on after; another one can. */
  void failed(Throwable why) {
    if (!stopping) {
      failures.accept(why);
    }
  }

  /**
   * Wakes all that wait for pages, since those that another worker was told of are told no more.
   */
  void wakeAll() throws SyscallException {
    memory.wake(0, table.pages());
  }
}
