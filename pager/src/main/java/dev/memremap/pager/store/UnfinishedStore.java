// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.util.Objects;

/**
 * A store that is being filled with the pages of another one, and that {@link StoreLocation#open}
 * refuses until it is finished.
 *
 * @param store reads and writes its pages
 * @param last makes it a store as any other
 */
public record UnfinishedStore(PageStore store, Finish last) implements AutoCloseable {
  /** What makes a store as any other of one that is filled. */
  public interface Finish {
    /**
     * Does it; what was written before lasts then.
     *
     * @throws StoreException if that cannot be said; it may be finished or not
     */
    void run() throws StoreException;
  }

  /** Takes both. */
  public UnfinishedStore {
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(last, "last");
  }

  /**
   * Makes it a store as any other, which {@link StoreLocation#open} opens.
   *
   * @throws StoreException if that cannot be said; it may be finished or not
   */
  public void finish() throws StoreException {
    last.run();
  }

  /** Gives the store up, finished or not. */
  @Override
  public void close() {
    store.close();
  }
}
