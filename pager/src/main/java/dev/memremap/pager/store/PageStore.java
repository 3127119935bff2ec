// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Pages by number, 0 to {@link #pages} - 1, that last. A page that was never written is zeros.
 *
 * <p>A store promises, also after a crash of the process or of the computer: each page is whole,
 * never torn; and at least as new as at the last {@link #flush} that returned. Between pages it
 * promises nothing.
 *
 * <p>Thread safety: all methods may be called from any thread. The pager never reads or writes a
 * page while another thread writes the same one.
 */
public interface PageStore extends AutoCloseable {
  /** Returns how many bytes a page has: a power of two, 4096 or more. */
  int pageBytes();

  /** Returns how many pages there are. */
  long pages();

  /**
   * Reads pages that lie beside each other, and checks that each is whole. It may wait for the
   * store.
   *
   * @param first the number of the first page
   * @param count how many pages, at least 1
   * @param room where to put them if the store has them nowhere in memory: native memory, {@code
   *     count} pages long. It may hold anything if this throws
   * @return their bytes: {@code room}, or memory of the store's, which stays as it is until one of
   *     the pages is written or the store is closed
   * @throws StoreException if the store does not answer, or a page is damaged; {@link
   *     StoreException#page} then says which. Nothing is returned for the others
   */
  MemorySegment read(long first, int count, MemorySegment room) throws StoreException;

  /**
   * Writes pages that lie beside each other. When this returns, {@link #read} returns what was
   * written, also in another process that opens the store after this one was killed.
   *
   * @param first the number of the first page
   * @param bytes a whole number of pages, in native memory, that does not change meanwhile
   * @throws StoreException if the store does not take them. Each page is then as it was before, or
   *     as it was to become
   */
  void write(long first, MemorySegment bytes) throws StoreException;

  /**
   * Returns when all that was written before lasts.
   *
   * @throws StoreException if that cannot be said; what was flushed before still lasts
   */
  void flush() throws StoreException;

  /**
   * Names what a page depends on, as the node that has it. Pages of one name are expected to be
   * lost, and to come back, at the same time, so that an outage of some keeps no others from
   * coming. It does not wait for the store.
   *
   * @param page its number
   * @return a name, which may change later. Unless a store says otherwise, all pages have the same
   *     one
   */
  default String nodeOf(long page) {
    return "";
  }

  /**
   * Says up to which page all are of the same node. It does not wait for the store.
   *
   * @param page the number of the first of them
   * @return the number of the last one, or of one before it
   */
  default long lastOfNode(long page) {
    return pages() - 1;
  }

  /**
   * Returns the first page from one on that may have been written: those before it are zeros. It
   * makes a large store quick to go through in which few pages are. Unless said, each page may have
   * been written.
   *
   * @param page from 0 to {@link #pages}
   * @return {@link #pages} if no page was written from this one on
   * @throws StoreException if the store does not answer
   */
  default long nextWritten(long page) throws StoreException {
    return page;
  }

  /**
   * Makes a copy of all pages as they are, which lasts when this returns and can be opened by
   * itself. Writes wait meanwhile.
   *
   * @param name letters, digits, {@code -}, {@code _} and {@code .}; the first is a letter or a
   *     digit
   * @return where it is
   * @throws StoreException if there is such a copy already, or it cannot be made; then nothing is
   *     left of it
   * @throws UnsupportedOperationException if this kind of store makes none
   */
  default StoreLocation snapshot(String name) throws StoreException {
    throw new UnsupportedOperationException(this + " cannot make snapshots");
  }

  /**
   * Returns what tells this store from a copy of it that is put in its place. An owner that opens
   * it again says it, so that {@link StoreLocation#open(long, int, StoreOwner)} can refuse the
   * copy. It never waits for the store. Empty unless said.
   *
   * @return at most 1,000 characters; each call returns the same ones until the store is deleted
   */
  default String mark() {
    return "";
  }

  /**
   * Returns what the store knows of itself, for its operators. It never waits for the store, so
   * what it says may be of a moment before. Nothing unless said.
   */
  default List<StoreFact> facts() {
    return List.of();
  }

  /**
   * Returns what each node of the store has done, for metrics. It never waits for the store. A node
   * that was named once is named until the store is closed. None unless said.
   */
  default List<NodeFigures> nodes() {
    return List.of();
  }

  /** Gives the store up for other writers. What was not flushed may or may not last. */
  @Override
  void close();
}
