// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.net.URI;
import java.util.Set;

/**
 * A kind of store, found by {@link java.util.ServiceLoader}: implement it to keep pages in a place
 * of one's own. The pager's JVM has the class path of the application, and finds it there, too.
 */
public interface StoreScheme {
  /** Returns the scheme of its locations, in lower case, such as {@code file}. */
  String scheme();

  /**
   * Returns all schemes of its locations, if there are several: {@link #scheme} alone unless said.
   */
  default Set<String> schemes() {
    return Set.of(scheme());
  }

  /**
   * Makes the location that a text names. It opens nothing.
   *
   * @throws IllegalArgumentException if the text names no location of this scheme
   */
  StoreLocation locate(URI uri);
}
