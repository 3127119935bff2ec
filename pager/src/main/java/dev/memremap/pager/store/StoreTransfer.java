// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.pager.store.StoreException.Kind;
import java.net.URI;

/**
 * Copies a store to another place, of the same kind or of another one. Both are held meanwhile, so
 * neither changes beside it.
 *
 * <p>A page that the copy has already is not written again, so what was cut short goes on where it
 * ended. Pages are compared for that, and not counted: the store may have changed in between. A
 * page that was never written stays so, and a page of zeros is written only over another one. When
 * all pages are there, both stores are read again and compared by CRC32C, run by run; only then is
 * the copy a store that can be opened.
 *
 * @param from what is copied
 * @param to where the copy is made, or goes on
 * @param replaces whether pages of a whole store, or of a copy of another one, may be written over
 */
public record StoreTransfer(StoreLocation from, StoreLocation to, boolean replaces) {
  /** How far a transfer is. */
  public enum Step {
    /** Pages are read, compared with those of the copy, and written. */
    COPY,
    /** Both stores are read and compared. */
    COMPARE
  }

  /** Is told how far a transfer has come. */
  public interface Watch {
    /**
     * A step has come so far.
     *
     * @param pages how many pages it has left behind it
     * @param of how many pages there are
     */
    void at(Step step, long pages, long of);
  }

  /**
   * What a transfer did.
   *
   * @param geometry how large both stores are
   * @param copied how many pages it wrote
   * @param found how many pages that are not zeros the copy had already
   */
  public record Done(StoreGeometry geometry, long copied, long found) {}

  /**
   * Does it, and returns when the copy lasts and is right.
   *
   * @throws StoreException if there is nothing to copy, a store cannot be opened, does not answer,
   *     or has a damaged page, or pages differ in the end. What was copied by then stays, and the
   *     next transfer of the same two goes on with it
   * @throws UnsupportedOperationException if a kind of store cannot be copied so
   */
  public Done run(Watch watch) throws StoreException {
    URI of = StoreLocation.shown(from.uri());
    if (from.uri().equals(to.uri())) {
      throw StoreException.of(
          Kind.UNFIT, "%s cannot be copied to itself; name another place".formatted(of), null);
    }
    StoreGeometry geometry =
        from.geometry()
            .orElseThrow(
                () ->
                    StoreException.of(
                        Kind.UNFIT, "%s: no store is there to be copied".formatted(of), null));
    try (PageStore source = from.open(geometry.pages(), geometry.pageBytes());
        UnfinishedStore copy = to.openUnfinished(geometry, of, replaces);
        TransferRuns runs = new TransferRuns(source, copy.store())) {
      runs.copy(pages -> watch.at(Step.COPY, pages, geometry.pages()));
      copy.store().flush();
      runs.compare(
          pages -> watch.at(Step.COMPARE, pages, geometry.pages()), page -> differs(of, page));
      copy.finish();
      return new Done(geometry, runs.copied(), runs.found());
    }
  }

  private StoreException differs(URI of, long page) {
    return StoreException.ofPage(
        Kind.DAMAGED,
        page,
        "%s: page %d is not what %s has, although it was written; look at the place of the copy, and copy again"
            .formatted(StoreLocation.shown(to.uri()), page, of),
        null);
  }
}
