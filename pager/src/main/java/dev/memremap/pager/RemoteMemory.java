// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.internal.link.WorkerLink;
import dev.memremap.pager.internal.process.Worker;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.ReadAheadParts;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.store.StoreLocation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Memory whose pages live in a store, and come in when they are touched: more addresses than this
 * computer has memory. Code that reads and writes {@link MemorySegment}s works on it unchanged.
 *
 * <pre>{@code
 * try (RemoteMemory index =
 *     RemoteMemory.open(FileStore.at(path), 64L << 30, RemoteMemory.resident(256 << 20))) {
 *   MemorySegment all = index.segment(); // 64 GiB of addresses, 256 MiB of memory
 *   search(all);
 *   index.flush(); // everything stored before this is in the store
 * }
 * }</pre>
 *
 * <p>Faults are served by a second JVM, which is started with the class path of this one. It is a
 * driver with a PRIVATE page map: a fault is {@code migrate_to_ram}. If it is killed, another one
 * takes over, and threads that wait for a page wait on. A page never reads as zeros unless it is
 * zeros.
 *
 * <p>What is stored lasts after {@link #flush} or {@link #close} returned. Pages that leave memory
 * before that go to the store, too; after a crash of the computer, each page is whole and at least
 * as new as at the last flush.
 *
 * <p><strong>While a thread waits for a page, the JVM's next safepoint waits, and with it the whole
 * JVM.</strong> So a page that the store does not give within {@link #limit} fails: see {@link
 * OnOutage}. {@link #touch} brings a range in without a fault: nothing else waits for it, and a
 * virtual thread gives its carrier back meanwhile.
 *
 * <p>Once it is closed, each method that needs it throws an IllegalStateException which says so; an
 * access to the bare segment throws the JDK's.
 *
 * <p>Thread safety: all methods may be called from any thread. The segment's scope is shared, and
 * ends with {@link #close}.
 */
public final class RemoteMemory implements AutoCloseable {
  private static final long LOOK_NANOS = 1_000_000;

  private final Settings settings;
  private final OpenedMemory opened;
  private final MemorySegment segment;
  private final StateFile state;
  private final WorkerLink link;
  private final Hints hints;
  private final WorkerAnswers answers;
  private final Set<PinnedRange> pins = ConcurrentHashMap.newKeySet();
  private final ReadAheadParts readAheadParts = new ReadAheadParts();
  private boolean closed; // guarded by this

  private RemoteMemory(Settings settings, OpenedMemory opened) {
    this.settings = settings;
    this.opened = opened;
    this.segment = opened.segment();
    this.state = opened.state();
    this.link = new WorkerLink(settings.folder().resolve(Worker.SOCKET), this::introduce);
    this.hints = new Hints(link);
    this.answers = new WorkerAnswers(settings, state.application(), link, segment.scope());
  }

  /**
   * Opens a memory, and makes its store first where that is missing. It waits for as long as the
   * store takes to open: the limit of a fault is not one of opening.
   *
   * @param store where its pages are
   * @param bytes how large it is: a multiple of the system's page size, at most 2,147,483,647
   *     pages, which are 8 TiB in pages of 4 KiB; the same each time the store is opened
   * @throws RemoteMemoryException if the store or userfaultfd cannot be had; nothing is left then
   * @throws IllegalArgumentException if a size is outside its range
   * @throws UnsupportedOperationException if this is not Linux, or native calls are denied, or the
   *     pager's processes could not find their classes, which are in no file
   */
  public static RemoteMemory open(StoreLocation store, long bytes, RemoteMemoryOption... options) {
    Objects.requireNonNull(store, "store");
    Settings settings = OpenSettings.of(store, bytes, Native.calls().pageSize(), options);
    RemoteMemory memory = new RemoteMemory(settings, OpenedMemory.open(Native.calls(), settings));
    memory.link.start();
    return memory;
  }

  /**
   * At most so many bytes are in memory at once; 256 MiB unless said.
   *
   * @param bytes a multiple of the page size, at least 32 pages
   */
  public static RemoteMemoryOption resident(long bytes) {
    return new RemoteMemoryOption.Resident(bytes);
  }

  /**
   * A fault waits so long for the store, and with it the JVM: 2 s unless said. What happens then is
   * {@link #onOutage}.
   *
   * @param limit at most a day
   */
  public static RemoteMemoryOption limit(Duration limit) {
    return new RemoteMemoryOption.Limit(limit);
  }

  /** What happens to a fault whose store does not answer: {@link OnOutage#FAIL} unless said. */
  public static RemoteMemoryOption onOutage(OnOutage choice) {
    return new RemoteMemoryOption.Outage(choice);
  }

  /**
   * What was stored and not flushed goes to the store, too, when this JVM dies without closing the
   * memory. Without this option such pages may or may not be in the store.
   */
  public static RemoteMemoryOption keepUnflushed() {
    return new RemoteMemoryOption.KeepUnflushed();
  }

  /** Returns the whole memory, valid until {@link #close}. Its first address is a page's first. */
  public MemorySegment segment() {
    return segment;
  }

  /** Returns how many bytes it has. */
  public long byteSize() {
    return settings.bytes();
  }

  /** Returns how many bytes a page has. */
  public int pageBytes() {
    return settings.pageBytes();
  }

  /** Returns where its pages are, without a password. */
  public URI store() {
    return settings.shown();
  }

  /** Returns whether a system call that meets a missing page waits for it too, or fails. */
  public boolean servesSystemCalls() {
    return opened.scope() == dev.memremap.pager.internal.sys.Userfault.Scope.ALL;
  }

  /**
   * Brings a range in, and keeps it in memory until the pin is closed. It is a message to the pager
   * and no fault: a virtual thread parks, and no safepoint waits.
   *
   * @param offset in bytes; the pin begins at the start of its page
   * @param bytes at least 1; the pin ends at the end of the last one's page
   * @throws RemoteMemoryException if a page does not come within the limit, or more would be pinned
   *     than 7 of 8 pages that may be in memory; nothing is pinned then
   * @throws IndexOutOfBoundsException if the range is not inside the memory
   */
  public Pin touch(long offset, long bytes) {
    PinnedRange range = range(offset, bytes);
    // a worker that takes over is told of it as a pin, or asked for it again, and never both
    CompletableFuture<Reply> reply =
        link.ask(Operation.PIN, range.first(), range.count(), "", answer -> pinned(range, answer));
    try {
      answers.awaitBounded(reply);
      return range;
    } catch (WorkerAnswers.LateException e) {
      takeBack(reply, range);
      throw answers.reasoned(range.offset(), range.bytes(), e);
    } catch (RuntimeException | Error e) {
      takeBack(reply, range);
      throw e;
    }
  }

  /** It may be pinned after all. */
  @SuppressWarnings("FutureReturnValueIgnored") // of what a late answer leads to
  private void takeBack(CompletableFuture<Reply> reply, PinnedRange range) {
    reply.thenAccept(late -> unpin(range));
  }

  private void pinned(PinnedRange range, Reply answer) {
    if (answer.isDone()) {
      pins.add(range);
    }
  }

  /**
   * Does what {@link #touch} does: it has to be done before native code, or a method of the JDK
   * that the JVM replaces by code of its own, reads or writes a range, as {@link OnOutage} says.
   */
  public Pin pin(long offset, long bytes) {
    return touch(offset, bytes);
  }

  /**
   * Brings in as much of a range as there is room for, without sending out what is used most.
   *
   * @return how many bytes came in
   * @throws RemoteMemoryException if the pager cannot say
   */
  public long preload(long offset, long bytes) {
    PinnedRange range = range(offset, bytes);
    Reply reply = answers.await(link.ask(Operation.PRELOAD, range.first(), range.count(), ""));
    return reply.value() * settings.pageBytes();
  }

  /**
   * Says how a range is going to be used. Nothing waits for it. Of {@link Advice#WILL_NEED} and
   * {@link Advice#DONT_NEED}, what is said while the pager has 256 of them to do is dropped.
   */
  public void advise(long offset, long bytes, Advice advice) {
    Objects.requireNonNull(advice, "advice");
    PinnedRange range = range(offset, bytes);
    switch (advice) {
      case WILL_NEED -> hints.give(Operation.PRELOAD, range);
      case DONT_NEED -> hints.give(Operation.SEND_OUT, range);
      case SEQUENTIAL -> readAhead(range, true);
      case RANDOM -> readAhead(range, false);
    }
  }

  private void readAhead(PinnedRange range, boolean isAhead) {
    readAheadParts.set(range.first(), range.count(), isAhead);
    link.tell(
        isAhead ? Operation.READ_AHEAD : Operation.NO_READ_AHEAD, range.first(), range.count());
  }

  /**
   * Returns when everything that was stored before is in the store, and lasts there.
   *
   * @throws RemoteMemoryException if the store does not take it; it stays in memory, and can be
   *     flushed again
   */
  public void flush() {
    answers.await(link.ask(Operation.FLUSH, 0, 0, ""));
  }

  /**
   * Flushes, and makes a copy of the store that can be opened by itself.
   *
   * @param name letters, digits, {@code -}, {@code _} and {@code .}; the first is a letter or a
   *     digit
   * @return where it is
   * @throws RemoteMemoryException if there is one of that name, or it cannot be made
   */
  public StoreLocation snapshot(String name) {
    Objects.requireNonNull(name, "name");
    Reply reply = answers.await(link.ask(Operation.SNAPSHOT, 0, 0, name));
    return StoreLocation.of(URI.create(reply.text()));
  }

  /** Returns what it has done and holds. */
  public RemoteMemoryFigures figures() {
    try {
      return Figures.of(state);
    } catch (IllegalStateException e) {
      throw answers.closedOr(e);
    }
  }

  /** Asks how long faults took that this worker has served; waits for nothing. */
  @SuppressWarnings("FutureReturnValueIgnored") // the answer comes when it comes
  void askLatencies(String quantiles, Consumer<String> answer) {
    link.ask(Operation.LATENCIES, 0, 0, quantiles)
        .thenAccept(
            reply -> {
              if (reply.isDone()) {
                answer.accept(reply.text());
              }
            });
  }

  /** Asks what the store's nodes have done; waits for nothing. */
  CompletableFuture<Reply> askNodes() {
    return link.ask(Operation.NODES, 0, 0, "");
  }

  /** Reads a byte. */
  public byte getByte(long offset) {
    try {
      byte value = segment.get(ValueLayout.JAVA_BYTE, offset);
      meetPoison();
      return value;
    } catch (InternalError | IllegalStateException e) {
      throw answers.failed(offset, Byte.BYTES, e);
    }
  }

  /** Reads an int at any offset, in the processor's byte order. */
  public int getInt(long offset) {
    try {
      int value = segment.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
      meetPoison();
      return value;
    } catch (InternalError | IllegalStateException e) {
      throw answers.failed(offset, Integer.BYTES, e);
    }
  }

  /** Reads a long at any offset, in the processor's byte order. */
  public long getLong(long offset) {
    try {
      long value = segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
      meetPoison();
      return value;
    } catch (InternalError | IllegalStateException e) {
      throw answers.failed(offset, Long.BYTES, e);
    }
  }

  /** Stores a byte. */
  public void putByte(long offset, byte value) {
    try {
      segment.set(ValueLayout.JAVA_BYTE, offset, value);
      meetPoison();
    } catch (InternalError | IllegalStateException e) {
      throw answers.failed(offset, Byte.BYTES, e);
    }
  }

  /** Stores an int at any offset, in the processor's byte order. */
  public void putInt(long offset, int value) {
    try {
      segment.set(ValueLayout.JAVA_INT_UNALIGNED, offset, value);
      meetPoison();
    } catch (InternalError | IllegalStateException e) {
      throw answers.failed(offset, Integer.BYTES, e);
    }
  }

  /** Stores a long at any offset, in the processor's byte order. */
  public void putLong(long offset, long value) {
    try {
      segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
      meetPoison();
    } catch (InternalError | IllegalStateException e) {
      throw answers.failed(offset, Long.BYTES, e);
    }
  }

  /**
   * Reads bytes.
   *
   * @param offset of the first one
   * @param into the whole of it is filled
   */
  public void read(long offset, MemorySegment into) {
    try {
      MemorySegment.copy(segment, offset, into, 0, into.byteSize());
      meetPoison();
    } catch (InternalError | IllegalStateException e) {
      throw answers.failed(offset, into.byteSize(), e);
    }
  }

  /**
   * Stores bytes. If it throws, any of them may be stored.
   *
   * @param offset of the first one
   * @param bytes the whole of it is stored
   */
  public void write(long offset, MemorySegment bytes) {
    try {
      MemorySegment.copy(bytes, 0, segment, offset, bytes.byteSize());
      meetPoison();
    } catch (InternalError | IllegalStateException e) {
      throw answers.failed(offset, bytes.byteSize(), e);
    }
  }

  /**
   * Has the error of an access be thrown here rather than a few instructions later: the JVM throws
   * it when the thread comes back from a call. A page is marked before it is poisoned, so an access
   * that failed finds the mark.
   */
  @SuppressWarnings("ThreadPriorityCheck") // for the call alone, not for the scheduler
  private void meetPoison() {
    VarHandle.acquireFence();
    if (state.get(Counter.POISONED) != 0) {
      Thread.yield();
    }
  }

  /**
   * Flushes, ends the mapping, and ends the pager. Accesses that other threads make meanwhile
   * either succeed or fail as those to a closed segment. An interrupt is kept for later.
   *
   * @throws RemoteMemoryException if the store does not take what was stored; the memory stays open
   *     then, and can be closed again, or {@linkplain #abandon abandoned}
   * @throws IllegalStateException if an I/O operation holds the segment; it stays open, too
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    if (state.phase() == Phase.OPEN) {
      answers.awaitAnyway(link.ask(Operation.FLUSH, 0, 0, ""));
    }
    end(Operation.CLOSE);
  }

  /**
   * Ends the memory without flushing: what was stored since the last flush may or may not be in the
   * store. For a store that does not answer any more.
   */
  public synchronized void abandon() {
    if (!closed) {
      end(Operation.ABANDON);
    }
  }

  private void end(Operation operation) {
    // faults are served until no thread can make any
    if (opened.mapping().scope().isAlive()) {
      opened.mapping().close();
    }
    awaitEnd(operation);
    closed = true;
    link.close();
    opened.giveBack();
  }

  /** The phase says that it has ended: a worker may be killed before it answers, or thereafter. */
  private void awaitEnd(Operation operation) {
    CompletableFuture<Reply> reply = link.ask(operation, 0, 0, "");
    long worker = state.process(Role.WORKER);
    try (Pause pause = new Pause()) {
      while (state.phase() == Phase.OPEN) {
        if (reply.isDone()) {
          answers.awaitAnyway(reply);
          if (worker != state.process(Role.WORKER)) {
            worker = state.process(Role.WORKER);
            reply = link.ask(operation, 0, 0, "");
          }
        }
        pause.nanos(LOOK_NANOS);
      }
    }
  }

  /** Tells a worker what it has to know of this application. */
  private void introduce() {
    for (ReadAheadParts.Part part : readAheadParts.withoutReadAhead()) {
      link.tell(Operation.NO_READ_AHEAD, part.first(), part.count());
    }
    synchronized (pins) { // or the worker could be told first that one is closed
      for (PinnedRange range : pins) {
        link.tell(Operation.HELD, range.first(), range.count());
      }
    }
    link.tell(Operation.PINS_NAMED, 0, 0);
  }

  private PinnedRange range(long offset, long bytes) {
    answers.requireOpen();
    Objects.checkFromIndexSize(offset, bytes, settings.bytes());
    if (bytes == 0) {
      throw new IllegalArgumentException("a range of 0 bytes; give at least 1");
    }
    int first = (int) (offset / settings.pageBytes());
    int last = (int) ((offset + bytes - 1) / settings.pageBytes());
    return new PinnedRange(this, first, last - first + 1);
  }

  void unpin(PinnedRange range) {
    synchronized (pins) {
      if (pins.remove(range)) {
        link.tell(Operation.UNPIN, range.first(), range.count());
      }
    }
  }

  @Override
  public String toString() {
    return "remote memory of %s, %,d bytes".formatted(settings.shown(), settings.bytes());
  }
}
