// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Where a store is. The application names one, and the pager, in a JVM of its own, opens it there
 * by its {@link #uri}.
 *
 * <p>Implementations are immutable.
 */
public interface StoreLocation {
  /**
   * Returns the location as text from which {@link #of} makes it again. It may have a password,
   * which {@link #shown} leaves out. The pager's processes get it in memory that other users cannot
   * read, and not by their command line or environment.
   */
  URI uri();

  /**
   * Opens the store, and makes it first if it does not exist. It has one writer at a time.
   *
   * @param pages how many pages it has, or is to have, at least 1
   * @param pageBytes how many bytes a page has: a power of two, 4096 or more
   * @throws StoreException if it cannot be opened or made, is of another size, or another process
   *     has it ({@link StoreException.Kind#TAKEN})
   */
  PageStore open(long pages, int pageBytes) throws StoreException;

  /**
   * Opens the store for an owner, as the pager does. Where the owner has had it {@linkplain
   * StoreOwner#again before}, this opens that very store and makes none; and where another owner
   * has opened it since, in whatever way, it is refused for good, since its pages may be others
   * now. An owner may have been killed at any moment, and its next process is not refused for that.
   *
   * <p>Unless a kind of store does it, the store is opened as at first. Then a takeover does not
   * notice that the store was emptied, replaced, or written to by others.
   *
   * @param pages how many pages it has, or is to have, at least 1
   * @param pageBytes how many bytes a page has: a power of two, 4096 or more
   * @throws StoreException if it cannot be opened or made; is of another size; is not what the
   *     owner had there, but may be again ({@link StoreException.Kind#OUTAGE}); or another one has
   *     it, or has had it since ({@link StoreException.Kind#TAKEN})
   */
  default PageStore open(long pages, int pageBytes, StoreOwner owner) throws StoreException {
    return open(pages, pageBytes);
  }

  /**
   * Returns how large the store there is. It takes nothing and changes nothing, and works while
   * another process has the store.
   *
   * @return empty if no store is there
   * @throws StoreException if the store does not answer, or what is there is something else, or a
   *     copy that is not finished
   * @throws UnsupportedOperationException if this kind of store cannot say
   */
  default Optional<StoreGeometry> geometry() throws StoreException {
    throw new UnsupportedOperationException(
        "%s cannot say how large it is".formatted(shown(uri())));
  }

  /**
   * Begins to fill this place with a copy of another store, or goes on with that. Until {@link
   * UnfinishedStore#finish} has returned, {@link #open} refuses what is there, also after a crash,
   * so that pages which are not copied yet are never read as zeros. {@link StoreTransfer} does the
   * rest.
   *
   * @param geometry how large the copy is
   * @param of the store that is copied, as {@link #shown} shows it
   * @param replaces whether pages of a whole store, or of a copy of another one, may be written
   *     over; if not, such a place is refused
   * @throws StoreException if it cannot be opened or made, has what may not be replaced, is of
   *     another size, or another process has it
   * @throws UnsupportedOperationException if this kind of store cannot be filled so
   */
  default UnfinishedStore openUnfinished(StoreGeometry geometry, URI of, boolean replaces)
      throws StoreException {
    throw new UnsupportedOperationException("%s takes no copy".formatted(shown(uri())));
  }

  /**
   * Gets ready to open the store, such as by loading classes and looking whether it answers, and
   * changes nothing there. A standby calls it, so that it opens the store quickly when a worker was
   * killed. It does nothing unless said.
   *
   * @throws StoreException if the store does not answer; it may be opened all the same
   */
  default void prepare() throws StoreException {}

  /**
   * Makes the location that a text names, by the first {@link StoreScheme} on the class path or
   * module path that knows its scheme.
   *
   * @throws IllegalArgumentException if no scheme fits, or the text names no location of that
   *     scheme
   */
  static StoreLocation of(URI uri) {
    String scheme = Objects.requireNonNullElse(uri.getScheme(), "");
    for (StoreScheme known : ServiceLoader.load(StoreScheme.class)) {
      if (known.schemes().contains(scheme)) {
        return known.locate(uri);
      }
    }
    throw new IllegalArgumentException(
        "%s: no kind of store has the scheme '%s'; put the jar of its StoreScheme on the class path"
            .formatted(shown(uri), scheme));
  }

  /** Returns a text of {@link #uri} as it may be shown: with three stars for a password. */
  static URI shown(URI uri) {
    return HiddenPassword.of(uri);
  }
}
