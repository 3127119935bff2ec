// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.pager.store.StoreGeometry;
import java.net.URI;

/**
 * The value of a store's geometry key: {@code 1 PAGES BYTES}, and of a copy that is not finished
 * {@code 1 PAGES BYTES copy URI}. It is compared as a whole, so that a store is never opened whose
 * pages are not all there.
 *
 * @param geometry how large the store is
 * @param copyOf the location that is copied; empty for a store
 */
record GeometryValue(StoreGeometry geometry, String copyOf) {
  private static final int FORMAT = 1;
  private static final int WORDS = 3;
  private static final int WORDS_OF_COPY = 5;
  private static final String COPY = "copy";

  static GeometryValue of(StoreGeometry geometry) {
    return new GeometryValue(geometry, "");
  }

  static GeometryValue ofCopy(StoreGeometry geometry, URI from) {
    return new GeometryValue(geometry, from.toString());
  }

  /**
   * Reads what a node has.
   *
   * @throws StoreException if it is of another version
   */
  static GeometryValue read(Place place, String text) throws StoreException {
    String[] words = text.split(" ", -1);
    boolean isCopy = words.length == WORDS_OF_COPY && words[WORDS].equals(COPY);
    if ((words.length != WORDS && !isCopy) || !words[0].equals(Integer.toString(FORMAT))) {
      throw StoreException.of(
          Kind.UNFIT,
          "%s: its pages are of another version of memremap ('%s'); open it with that one, or give another prefix"
              .formatted(place, text),
          null);
    }
    return new GeometryValue(
        new StoreGeometry(Long.parseLong(words[1]), Integer.parseInt(words[2])),
        isCopy ? words[WORDS + 1] : "");
  }

  boolean isCopy() {
    return !copyOf.isEmpty();
  }

  String text() {
    String size = "%d %d %d".formatted(FORMAT, geometry.pages(), geometry.pageBytes());
    return isCopy() ? "%s %s %s".formatted(size, COPY, copyOf) : size;
  }

  /** Why a store of this value is not opened as one of another. */
  StoreException unfit(Place place, GeometryValue wanted) {
    return StoreException.of(
        Kind.UNFIT,
        isCopy() && !wanted.isCopy()
            ? "%s is a copy of %s that is not finished; 'memremap pager copy' with both goes on with it"
                .formatted(place, copyOf)
            : "%s has %s, not %s; open it with its own size, or give another prefix"
                .formatted(place, geometry, wanted.geometry),
        null);
  }

  /**
   * Looks whether a copy may be made where this is.
   *
   * @throws StoreException if not
   */
  void requireReplaced(Place place, GeometryValue wanted, boolean replaces) throws StoreException {
    if (!replaces && !copyOf.equals(wanted.copyOf)) {
      throw StoreException.of(
          Kind.UNFIT,
          isCopy()
              ? "%s is a copy of %s that is not finished, and not of %s; --replace makes it one, or give another prefix"
                  .formatted(place, copyOf, wanted.copyOf)
              : "%s is a store already; --replace makes it a copy of %s, or give another prefix"
                  .formatted(place, wanted.copyOf),
          null);
    }
    if (!geometry.equals(wanted.geometry)) {
      throw StoreException.of(
          Kind.UNFIT,
          "%s has %s, not %s; give another prefix".formatted(place, geometry, wanted.geometry),
          null);
    }
  }
}
