// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.store.NodeFigures;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreFact;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreOwner;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A store that is opened when a page is asked for, and again if that failed. A worker that takes
 * over cannot give up because the store does not answer just then: the application is running. Nor
 * can it end because the store's code fails: the next one would meet the same. That counts as a
 * store that does not answer.
 *
 * <p>Thread safety: {@code this} guards the opening, and the writes of {@code opened} and {@code
 * refused}, which are volatile; the store behind is safe for many threads.
 */
final class LateStore implements PageStore {
  private static final long PAUSE_NANOS = 50_000_000;

  private final Settings settings;
  private final StoreOwner owner;
  private volatile @Nullable PageStore opened;
  private volatile @Nullable StoreException refused;
  private long askedAt;

  LateStore(Settings settings, StoreOwner owner) {
    this.settings = settings;
    this.owner = owner;
  }

  private PageStore store() throws StoreException {
    PageStore store = opened;
    return store == null ? open() : store;
  }

  private synchronized PageStore open() throws StoreException {
    PageStore store = opened;
    if (store != null) {
      return store;
    }
    StoreException last = refused;
    if (last != null && System.nanoTime() - askedAt < PAUSE_NANOS) {
      throw last;
    }
    try {
      PageStore fresh =
          StoreLocation.of(settings.store()).open(settings.pages(), settings.pageBytes(), owner);
      opened = fresh;
      refused = null;
      return fresh;
    } catch (StoreException e) {
      throw remembered(e);
    } catch (RuntimeException | LinkageError e) {
      throw remembered(failed(-1, e));
    }
  }

  private StoreException remembered(StoreException e) {
    refused = e;
    askedAt = System.nanoTime();
    return e;
  }

  /** What a store's code has thrown that it should not throw. */
  private StoreException failed(long page, Throwable e) {
    String sentence = "the code of %s has failed: %s".formatted(settings.shown(), e);
    return page < 0
        ? StoreException.of(StoreException.Kind.OUTAGE, sentence, e)
        : StoreException.ofPage(StoreException.Kind.OUTAGE, page, sentence, e);
  }

  /** Opens it now. */
  LateStore opened() throws StoreException {
    store();
    return this;
  }

  @Override
  public int pageBytes() {
    return settings.pageBytes();
  }

  @Override
  public long pages() {
    return settings.pages();
  }

  @Override
  public MemorySegment read(long first, int count, MemorySegment room) throws StoreException {
    PageStore store = store();
    MemorySegment found;
    try {
      found = Objects.requireNonNull(store.read(first, count, room), "read returned null");
    } catch (RuntimeException | LinkageError e) {
      throw failed(first, e);
    }
    if (found.byteSize() < room.byteSize() || !found.isNative()) {
      throw failed(
          first,
          new IllegalStateException(
              "read returned %d bytes %s, and not %d outside it"
                  .formatted(
                      found.byteSize(),
                      found.isNative() ? "outside the heap" : "in the heap",
                      room.byteSize())));
    }
    return found;
  }

  @Override
  public void write(long first, MemorySegment bytes) throws StoreException {
    PageStore store = store();
    try {
      store.write(first, bytes);
    } catch (RuntimeException | LinkageError e) {
      throw failed(first, e);
    }
  }

  @Override
  public void flush() throws StoreException {
    PageStore store = store();
    try {
      store.flush();
    } catch (RuntimeException | LinkageError e) {
      throw failed(-1, e);
    }
  }

  @Override
  public String nodeOf(long page) {
    PageStore store = opened;
    try {
      return store == null ? "" : Objects.requireNonNullElse(store.nodeOf(page), "");
    } catch (RuntimeException | LinkageError e) {
      return ""; // what it fails in is said when a page is asked for
    }
  }

  @Override
  public long lastOfNode(long page) {
    PageStore store = opened;
    try {
      return store == null ? page : Math.clamp(store.lastOfNode(page), page, pages() - 1);
    } catch (RuntimeException | LinkageError e) {
      return page;
    }
  }

  @Override
  public StoreLocation snapshot(String name) throws StoreException {
    PageStore store = store();
    try {
      return Objects.requireNonNull(store.snapshot(name), "snapshot returned null");
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      throw e; // its own refusal
    } catch (RuntimeException | LinkageError e) {
      throw failed(-1, e);
    }
  }

  @Override
  public String mark() {
    PageStore store = opened;
    return store == null ? "" : Objects.requireNonNullElse(store.mark(), "");
  }

  @Override
  public List<StoreFact> facts() {
    PageStore store = opened;
    if (store == null) {
      StoreException why = refused;
      String words = why == null ? "it does not answer yet" : String.valueOf(why.getMessage());
      return List.of(StoreFact.of("state", "it is not open: " + words));
    }
    try {
      return List.copyOf(store.facts());
    } catch (RuntimeException | LinkageError e) {
      return List.of(StoreFact.of("state", "its code has failed: " + e));
    }
  }

  @Override
  public List<NodeFigures> nodes() {
    PageStore store = opened;
    try {
      return store == null ? List.of() : List.copyOf(store.nodes());
    } catch (RuntimeException | LinkageError e) {
      return List.of();
    }
  }

  @Override
  public void close() {
    PageStore store = opened;
    if (store != null) {
      store.close();
    }
  }

  @Override
  public String toString() {
    return settings.shown().toString();
  }
}
